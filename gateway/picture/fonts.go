package picture

import (
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// fonts are Liberation Sans, which the guidelines allow beside Arial, Helvetica
// and Frutiger and which has the same widths as the first two.
var fonts = sync.OnceValue(func() (parsed [2]*sfnt.Font) {
	for i, data := range fontData {
		f, err := sfnt.Parse(data)
		if err != nil {
			panic("picture: a font of this binary is broken: " + err.Error())
		}
		parsed[i] = f
	}
	return parsed
})

var fontData = [2][]byte{liberationsansregular.TTF, liberationsansbold.TTF}

func weight(bold bool) int {
	if bold {
		return 1
	}
	return 0
}

// textWidth is the width of a text in millimetres.
func textWidth(s string, size float64, bold bool) float64 {
	const precision = 2048
	var buffer sfnt.Buffer
	f, sum := fonts()[weight(bold)], fixed.Int26_6(0)
	for _, r := range s {
		glyph, err := f.GlyphIndex(&buffer, r)
		if err != nil {
			continue
		}
		advance, err := f.GlyphAdvance(&buffer, glyph, fixed.I(precision), font.HintingNone)
		if err != nil {
			continue
		}
		sum += advance
	}
	return float64(sum) / 64 / precision * size * mmPerPoint
}
