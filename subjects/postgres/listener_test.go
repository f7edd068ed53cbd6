package postgres

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/shortwire/shortwire/migrations/testdb"
)

// notes is what a listener was told, in order.
type notes chan string

func listen(t *testing.T, database string, channels ...string) (*Listener, notes) {
	t.Helper()
	heard := make(notes, 100)
	l := NewListener(ListenerConfig{
		Database:    Config{URL: database + "&application_name=listener"},
		Channels:    channels,
		OnNotify:    func(channel, payload string) { heard <- channel + " " + payload },
		OnReconnect: func() { heard <- "reconnected" },
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run: %v", err)
		}
	})
	return l, heard
}

func (n notes) want(t *testing.T, text string) {
	t.Helper()
	select {
	case got := <-n:
		if got != text {
			t.Fatalf("heard %q, want %q", got, text)
		}
	case <-t.Context().Done():
		t.Fatalf("heard nothing, want %q", text)
	}
}

func TestListenerHearsEveryChannel(t *testing.T) {
	t.Parallel()
	database := testdb.Empty(t)
	pool := open(t, Config{URL: database})
	l, heard := listen(t, database, "plain", `With "Quotes"`)
	<-l.Ready()
	execute(t, pool, `SELECT pg_notify('plain', '1')`)
	heard.want(t, "plain 1")
	execute(t, pool, `SELECT pg_notify('With "Quotes"', '2'), pg_notify('other', '3'), pg_notify('plain', '')`)
	heard.want(t, `With "Quotes" 2`)
	heard.want(t, "plain ")
}

func TestListenerReconnects(t *testing.T) {
	t.Parallel()
	database := testdb.Empty(t)
	pool := open(t, Config{URL: database})
	l, heard := listen(t, database, "news")
	<-l.Ready()
	for range 2 {
		terminate(t, pool)
		heard.want(t, "reconnected")
		execute(t, pool, `SELECT pg_notify('news', 'again')`)
		heard.want(t, "news again")
	}
}

// Nothing can be reached when the listener starts, and later again.
func TestListenerWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	database := testdb.Empty(t)
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	name := pgx.Identifier{u.Path[1:]}.Sanitize()
	other := open(t, Config{URL: testdb.Empty(t)})
	execute(t, other, `ALTER DATABASE `+name+` ALLOW_CONNECTIONS false`)
	l, heard := listen(t, database, "news")
	select {
	case <-l.Ready():
		t.Fatal("ready without a database")
	default:
	}
	execute(t, other, `ALTER DATABASE `+name+` ALLOW_CONNECTIONS true`)
	<-l.Ready()
	execute(t, open(t, Config{URL: database}), `SELECT pg_notify('news', 'first')`)
	heard.want(t, "news first") // and no "reconnected" before
}

func TestListenerWithoutURL(t *testing.T) {
	t.Parallel()
	err := NewListener(ListenerConfig{Database: Config{URL: "postgres://x:y:z"}}).Run(t.Context())
	if !errors.Is(err, ErrURL) {
		t.Errorf("got %v", err)
	}
}

func terminate(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	tag, err := pool.Exec(t.Context(), `
		SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = 'listener' AND datname = current_database()`)
	if err != nil || tag.RowsAffected() != 1 {
		t.Fatalf("terminated %d, %v", tag.RowsAffected(), err)
	}
}
