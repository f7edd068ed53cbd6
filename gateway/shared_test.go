package gateway

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestSharedAnswer(t *testing.T) {
	t.Parallel()
	var shared sharedAnswer
	written := 0
	ask := func(rows []int) string {
		t.Helper()
		text, err := shared.of(&rows[0], len(rows), func() ([]byte, error) {
			written++
			return fmt.Append(nil, rows), nil
		})
		if err != nil || string(text) != fmt.Sprint(rows) {
			t.Errorf("%v is written as %s, %v", rows, text, err)
		}
		return string(text)
	}
	rows, alike := []int{1, 2, 3}, []int{1, 2, 3}
	for range 3 {
		ask(rows)
	}
	if written != 1 {
		t.Errorf("written %d times", written)
	}
	ask(alike)     // equal, but others
	ask(alike[:2]) // fewer
	if ask(rows); written != 4 {
		t.Errorf("written %d times", written)
	}
	wrong := errors.New("no")
	if _, err := shared.of(&alike[1], 1, func() ([]byte, error) { return nil, wrong }); !errors.Is(err, wrong) {
		t.Errorf("error %v", err)
	}
	ask(alike[1:2])
}

func TestSharedAnswer_Race(t *testing.T) {
	t.Parallel()
	var shared sharedAnswer
	var group sync.WaitGroup
	pages := [][]int{{1}, {2, 3}, {4, 5, 6}}
	for i := range 32 {
		group.Go(func() {
			rows := pages[i%len(pages)]
			for range 200 {
				text, _ := shared.of(&rows[0], len(rows), func() ([]byte, error) { return fmt.Append(nil, rows), nil })
				if string(text) != fmt.Sprint(rows) {
					t.Errorf("%v is written as %s", rows, text)
				}
			}
		})
	}
	group.Wait()
}
