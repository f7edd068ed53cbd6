package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// problems collects what is wrong, at most one problem for each key: a value
// that cannot be read is not called missing as well.
type problems struct {
	origin *origin
	list   []problem
	seen   map[string]bool
}

type problem struct {
	line int
	err  error
}

func newProblems(o *origin) *problems { return &problems{origin: o, seen: map[string]bool{}} }

func (p *problems) add(path, format string, args ...any) {
	if p.seen[path] {
		return
	}
	p.seen[path] = true
	line := 0
	if p.origin != nil {
		line = p.origin.line(path)
	}
	p.list = append(p.list, problem{line, fmt.Errorf("%s%w", p.origin.place(path), fmt.Errorf(format, args...))})
}

// any tells that something was said about one of the settings of a table.
func (p *problems) any(table string, settings []setting) bool {
	return slices.ContainsFunc(settings, func(s setting) bool { return p.seen[join(table, s.key)] })
}

// err returns all problems in the order of the file, nil when there are none.
func (p *problems) err() error {
	slices.SortStableFunc(p.list, func(a, b problem) int { return cmp.Compare(a.line, b.line) })
	errs := make([]error, len(p.list))
	for i, problem := range p.list {
		errs[i] = problem.err
	}
	return errors.Join(errs...)
}
