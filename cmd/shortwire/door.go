package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/shortwire/shortwire/config"
	"github.com/shortwire/shortwire/gateway"
	"github.com/shortwire/shortwire/gateway/bankfile"
	"github.com/shortwire/shortwire/gateway/camt"
	"github.com/shortwire/shortwire/gateway/mt940"
	"github.com/shortwire/shortwire/gateway/nzcsv"
	"github.com/shortwire/shortwire/gateway/pain"
	"github.com/shortwire/shortwire/subjects/postgres"
	"github.com/shortwire/shortwire/subjects/taler"
)

const (
	drainLimit = 10 * time.Second // running requests, after the signal to stop
	readyLimit = 3 * time.Second  // the database's answer to /readyz
)

// doorConfig translates the configuration for the door.
func (h *house) doorConfig() gateway.Config {
	c := h.config
	return gateway.Config{
		BaseURL:       c.BaseURL,
		Version:       version(),
		Tokens:        tokensOf(c),
		OwnIBANs:      ownIBANs(c),
		Banks:         banks(c),
		TestEndpoints: c.TestEndpoints,
		Split:         c.InternalListen != "",
		BankBodyLimit: c.BankBodyLimit,
		LongPollLimit: c.LongPollLimit,
		Ready:         h.ready,
		Unavailable:   postgres.IsTransient,
		Log:           h.log,
		Metrics:       h.metrics,
	}
}

// ready tells whether the database answers soon.
func (h *house) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	return h.pool.Ping(ctx)
}

func tokensOf(c *config.Config) []gateway.Token {
	tokens := make([]gateway.Token, len(c.Tokens))
	for i, t := range c.Tokens {
		tokens[i] = gateway.Token{Name: t.Name, Role: gateway.Role(t.Role), Account: t.Account, Hash: t.SecretSHA256}
	}
	return tokens
}

// ownIBANs are the IBANs on which money for each account arrives. A Swiss
// account has a second one for payments with QR reference.
func ownIBANs(c *config.Config) map[string][]string {
	own := map[string][]string{}
	for _, a := range c.Accounts {
		if iban := a.Payto.IBAN(); iban != "" {
			own[a.Name] = append(own[a.Name], iban)
		}
		// The wire method has checked it already.
		if qr, err := taler.NewIBANPayto(a.Parameters["qr_iban"], ""); err == nil {
			own[a.Name] = append(own[a.Name], qr.IBAN())
		}
	}
	return own
}

// nzDirectCredit is the one form of payment orders that is no pain.001.
const nzDirectCredit = "nz-bnz"

// banks are the ways of the bank of each account.
func banks(c *config.Config) map[string]gateway.Bank {
	banks := map[string]gateway.Bank{}
	for _, a := range c.Accounts {
		bank := gateway.Bank{
			Camt: camt.Options{Credits: a.CreditMessages, Quirks: a.Quirks},
			Files: gateway.BankFiles{
				Charset:        bankfile.Charset(a.BankCharset),
				CSV:            nzcsv.Dialect(a.BankCSV),
				CSVWholeDays:   a.CSVWholeDays,
				MT940Account:   a.MT940Account,
				MT940Reference: mt940.Reference(a.MT940Reference),
				Bankgiro:       bankgiroOf(&a),
			},
		}
		if bank.DirectCredits = a.PaymentOrder == nzDirectCredit; !bank.DirectCredits {
			bank.PaymentOrder = pain.Version(a.PaymentOrder)
		}
		banks[a.Name] = bank
	}
	return banks
}

// bankgiroOf is the number by which Swedish payers name the account. The wire
// method has checked it already.
func bankgiroOf(a *config.Account) string {
	if !strings.HasPrefix(a.Payto.IBAN(), "SE") {
		return ""
	}
	return a.Parameters["biller"]
}

// openDoor listens and serves. It returns the URL of the public side; failed is
// told when serving ends for another reason than close.
func (h *house) openDoor(failed chan<- error) (string, error) {
	h.registerMetrics()
	door := gateway.New(h.doorConfig(), h.registry, h.desk)
	public, err := listen(h.config.Listen)
	if err != nil {
		return "", err
	}
	h.onClose("door", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, drainLimit)
		defer cancel()
		return door.Shutdown(ctx)
	})
	go func() { failed <- door.Serve(public) }()
	if h.config.InternalListen == "" {
		return urlOf(public), nil
	}
	inner, err := listen(h.config.InternalListen)
	if err != nil {
		return "", err
	}
	go func() { failed <- door.ServeInternal(inner) }()
	h.log.Info("the inner side listens", "url", urlOf(inner))
	return urlOf(public), nil
}

// listen opens host:port or unix:/path. A socket file that nobody answers on is
// what a killed gateway left.
func listen(address string) (net.Listener, error) {
	path, isUnix := strings.CutPrefix(address, "unix:")
	if !isUnix {
		ln, err := net.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("%w: change `listen`, or see what runs there", err)
		}
		return ln, nil
	}
	if conn, err := net.Dial("unix", path); err == nil {
		_ = conn.Close()
		return nil, fmt.Errorf("another program answers on %s: stop it, or change `listen`", path)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode().Type() == fs.ModeSocket {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return net.Listen("unix", path)
}

// urlOf is where a program on this machine finds the listener.
func urlOf(ln net.Listener) string {
	address, isTCP := ln.Addr().(*net.TCPAddr)
	if !isTCP {
		return "unix:" + ln.Addr().String()
	}
	host := address.IP.String()
	if address.IP.IsUnspecified() {
		host = "localhost"
	}
	return fmt.Sprintf("http://%s/", net.JoinHostPort(host, fmt.Sprint(address.Port)))
}

// registerMetrics adds what the door does not know: the process and the pool.
func (h *house) registerMetrics() {
	pool := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "shortwire_db_connections_" + name, Help: help}, value)
	}
	h.metrics.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		pool("used", "Database connections at work.", func() float64 { return float64(h.pool.Stat().AcquiredConns()) }),
		pool("open", "Database connections open.", func() float64 { return float64(h.pool.Stat().TotalConns()) }),
		pool("max", "Database connections allowed.", func() float64 { return float64(h.pool.Stat().MaxConns()) }),
		&marketCollector{registry: h.registry},
		&backlogCollector{desk: h.desk},
	)
}
