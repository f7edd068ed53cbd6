// Package plugins lists the wire methods. It promises nothing but the list:
// every method is a package of its own, and adding one adds a line here.
package plugins

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shortwire/shortwire/plugins/bitcoin"
	"github.com/shortwire/shortwire/plugins/chqrr"
	"github.com/shortwire/shortwire/plugins/iso11649"
	"github.com/shortwire/shortwire/plugins/numeric"
	"github.com/shortwire/shortwire/plugins/nzpcr"
	"github.com/shortwire/shortwire/plugins/pix"
	"github.com/shortwire/shortwire/plugins/plainkey"
	"github.com/shortwire/shortwire/plugins/token"
	"github.com/shortwire/shortwire/plugins/wire"
)

// ErrUnknownMethod answers New for a name that is not in Standard.
var ErrUnknownMethod = errors.New("no wire method of this name")

// Standard returns the wire methods of this build, in the order of the manual.
func Standard() []wire.Factory {
	return []wire.Factory{
		chqrr.Factory(),
		nzpcr.Factory(),
		plainkey.Factory(),
		iso11649.Factory(),
		numeric.Factory(),
		token.SEPA(),
		token.UK(),
		token.AU(),
		pix.Factory(),
		bitcoin.Factory(),
	}
}

// New makes the method of a name for an account. It returns ErrUnknownMethod,
// with the names there are, or what the method holds against the settings.
func New(name string, s wire.Settings) (wire.Method, error) {
	var known []string
	for _, factory := range Standard() {
		if factory.Name == name {
			return factory.New(s)
		}
		known = append(known, factory.Name)
	}
	return nil, fmt.Errorf("%w: account %q asks for %q; use one of %s", ErrUnknownMethod, s.Account, name, strings.Join(known, ", "))
}
