package wire

import "testing"

func TestWholeKey(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, key, after []int
		bare, marked       bool
	}{
		"one run":                         {[]int{5}, []int{52}, []int{4}, true, true},
		"two runs":                        {[]int{5}, []int{35, 17}, []int{4}, true, true},
		"two runs, the second longer":     {[]int{35}, []int{17, 35}, []int{4}, true, true},
		"equal groups":                    {nil, []int{13, 13, 13, 13}, nil, true, true},
		"short last group":                {nil, []int{20, 20, 12}, []int{3}, true, true},
		"short first group":               {nil, []int{12, 20, 20}, nil, true, true},
		"short first and last group":      {[]int{9}, []int{21, 27, 4}, []int{9}, true, true},
		"long first group":                {nil, []int{21, 16, 15}, nil, false, false},
		"long last group":                 {nil, []int{15, 16, 21}, nil, false, false},
		"unequal groups between":          {nil, []int{10, 16, 15, 11}, nil, false, false},
		"groups go on before":             {[]int{13}, []int{13, 13, 13, 13}, nil, false, true},
		"groups go on after":              {nil, []int{13, 13, 13, 13}, []int{13}, false, false},
		"groups go on with a short one":   {nil, []int{13, 13, 13, 13}, []int{1}, false, false},
		"groups end before a long word":   {nil, []int{13, 13, 13, 13}, []int{14}, true, true},
		"two equal groups go on":          {nil, []int{26, 26}, []int{9}, false, false},
		"short first group, others go on": {nil, []int{12, 20, 20}, []int{20}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, prefix := range [][]int{nil, {prefixSymbols}} {
				starts, at := []int{}, 0
				for _, lengths := range [][]int{c.before, prefix, c.key, c.after} {
					for _, length := range lengths {
						starts, at = append(starts, at), at+length
					}
				}
				r := runLengths(append(starts, at))
				first := len(c.before)
				after := first + len(prefix) + len(c.key)
				if prefix == nil && r.wholeKey(first, after) != c.bare {
					t.Errorf("wholeKey = %t", !c.bare)
				}
				if prefix != nil && r.wholeMarkedKey(first, after) != c.marked {
					t.Errorf("wholeMarkedKey = %t", !c.marked)
				}
			}
		})
	}
}
