package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/config"
)

func testHouse(t *testing.T) *house {
	t.Helper()
	return newHouse(&config.Config{}, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// TestHouseClosesFromTheTop: in reverse order, all of it although one step
// fails, and saying which one that was.
func TestHouseClosesFromTheTop(t *testing.T) {
	t.Parallel()
	h := testHouse(t)
	var closed []string
	broken := errors.New("broken")
	for _, name := range []string{"database", "desk", "door"} {
		h.onClose(name, func(context.Context) error {
			closed = append(closed, name)
			if name == "desk" {
				return broken
			}
			return nil
		})
	}
	err := h.close(t.Context())
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "closing desk") {
		t.Errorf("the error is %v", err)
	}
	if diff := cmp.Diff([]string{"door", "desk", "database"}, closed); diff != "" {
		t.Error(diff)
	}
}

// TestHouseDoesNotWaitForEver: what hangs does not keep the process alive.
func TestHouseDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	h := testHouse(t)
	hang := make(chan struct{})
	defer close(hang)
	h.onClose("what hangs", func(context.Context) error { <-hang; return nil })
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := h.close(ctx); err == nil {
		t.Error("a house that did not close says that it did")
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"127.0.0.1:0": "http://127.0.0.1:",
		":0":          "http://localhost:",
		"unix:" + filepath.Join(t.TempDir(), "s"): "unix:/",
	} {
		ln, err := listen(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := urlOf(ln); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %s", address, got)
		}
		if _, err := listen(strings.Replace(address, ":0", ":"+portOf(ln), 1)); err == nil {
			t.Errorf("%s was given out twice", address)
		}
		if err := ln.Close(); err != nil {
			t.Error(err)
		}
	}
}

func portOf(ln net.Listener) string {
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	return port
}

// TestListenReplacesADeadSocket: what a killed gateway left, and nothing else.
func TestListenReplacesADeadSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	dead, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	dead.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := dead.Close(); err != nil {
		t.Fatal(err)
	}
	ln, err := listen("unix:" + path)
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	if err := writeReadyFile(path, "a file that somebody needs"); err != nil {
		t.Fatal(err)
	}
	if _, err := listen("unix:" + path); err == nil {
		t.Error("a file that is no socket was replaced")
	}
}

// TestOwnIBANs: money for the QR-IBAN and for the plain one is the account's.
func TestOwnIBANs(t *testing.T) {
	t.Parallel()
	const text = `
		[[account]]
		name = "ch"
		method = "ch-qrr"
		currency = "CHF"
		payto = "payto://iban/CH5204835012345671000?receiver-name=A"
		qr_iban = "ch44 3199 9123 0008 8901 2"
		[[account]]
		name = "nz"
		method = "nz-pcr"
		currency = "NZD"
		payto = "payto://x-nz-account/01-0902-0068389-00?receiver-name=A"`
	c, err := config.Parse("test.toml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"ch": {"CH5204835012345671000", "CH4431999123000889012"}}
	if diff := cmp.Diff(want, ownIBANs(c)); diff != "" {
		t.Error(diff)
	}
}
