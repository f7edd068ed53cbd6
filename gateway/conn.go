package gateway

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"
)

// When an answer leaves before the body was read, the rest of the body lies in
// the socket, and closing the socket then makes the kernel send a reset that
// can overtake the answer: the client sees "connection reset" in place of 413.
// So such a connection is closed in two steps (RFC 9112 section 9.6): first the
// writing half, then, after the client has had a moment to read, the rest.
const (
	lingerTime  = time.Second
	lingerBytes = 16 << 20
)

// lingering wraps the connections of a listener.
type lingering struct{ net.Listener }

func (l lingering) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &lingeringConn{Conn: conn}, nil
}

// lingeringConn closes slowly once unread is set.
type lingeringConn struct {
	net.Conn
	unread atomic.Bool // the peer may still be sending a body nobody wants
	ended  atomic.Bool // the peer has stopped sending
}

// Read remembers the end. fasthttp reports a chunked body that breaks off
// between two chunks like one that is complete (readHexInt in its
// bytesconv.go); only the connection knows better.
func (c *lingeringConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) {
		c.ended.Store(true)
	}
	return n, err
}

// Close is called by the goroutine that serves the connection, so waiting
// here holds up nobody else.
func (c *lingeringConn) Close() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if ok && c.unread.Swap(false) && half.CloseWrite() == nil {
		_ = c.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
	}
	return c.Conn.Close()
}
