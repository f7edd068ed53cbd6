//go:build unix && !linux

package cluster

import "errors"

// do runs fn as the owner. Only Linux lets one thread give up root.
func (o owner) do(fn func() error) error {
	if o.switches {
		return errors.New("PostgreSQL refuses to run as root: run shortwire as an ordinary user")
	}
	return fn()
}
