package picture

import "strings"

// Terminal returns the code in half blocks, two modules to a character, with a
// quiet zone. Light modules are drawn and dark ones left out, as terminals are
// dark; with colour the shades are set, whatever the terminal's are. There is no
// Swiss cross: its place is held by modules, which readers take as well.
func (p *Picture) Terminal(colour bool) string {
	const quiet = 4
	light := func(x, y int) bool {
		inside := x >= 0 && y >= 0 && x < p.code.size && y < p.code.size
		return !inside || !p.code.at(x, y)
	}
	var b strings.Builder
	for y := -quiet; y < p.code.size+quiet; y += 2 {
		if colour {
			b.WriteString("\x1b[97;40m")
		}
		for x := -quiet; x < p.code.size+quiet; x++ {
			b.WriteString(halfBlock(light(x, y), light(x, y+1)))
		}
		if colour {
			b.WriteString("\x1b[0m")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func halfBlock(upper, lower bool) string {
	switch {
	case upper && lower:
		return "█"
	case upper:
		return "▀"
	case lower:
		return "▄"
	}
	return " "
}
