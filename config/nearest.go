package config

import (
	"fmt"
	"slices"
	"strings"
)

// nearest returns the known key that key was most likely meant to be, "" when
// none is near: up to a third of the letters may differ, one at least.
func nearest(key string, known []string) string {
	best, least := "", max(1, len(key)/3)+1
	for _, k := range known {
		if d := distance(strings.ToLower(key), k); d < least {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour to make b from a (optimal string alignment).
func distance(a, b string) int {
	var before, above []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, above, row = above, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := above[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(replace, above[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

// advise says what to do about an unknown key.
func advise(key string, known []string) string {
	if k := nearest(key, known); k != "" {
		return fmt.Sprintf("did you mean %s?", k)
	}
	known = slices.Sorted(slices.Values(known))
	return "remove it, or use one of " + strings.Join(known, ", ")
}
