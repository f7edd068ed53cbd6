package picture

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// SVG returns the picture as a vector image in millimetres. Letters are drawn as
// outlines: a bill may show a few fonts only, and who opens it may have none of
// them. The words stand beside them for those who cannot see.
func (p *Picture) SVG() []byte {
	width, height := p.size()
	s := &svg{known: map[string]bool{}}
	s.rect(0, 0, width, height, false)
	p.drawOn(s)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]smm" height="%[2]smm" viewBox="0 0 %[1]s %[2]s" role="img">`+"\n",
		number(width), number(height))
	fmt.Fprintf(&b, "<defs>\n%s</defs>\n%s</svg>\n", s.glyphs.Bytes(), s.body.Bytes())
	return b.Bytes()
}

// svg writes as it is drawn upon. Every glyph is defined once.
type svg struct {
	body, glyphs bytes.Buffer
	known        map[string]bool
	buffer       sfnt.Buffer
}

// unitsPerEm is the grid on which glyphs are written.
const unitsPerEm = 2048

func (s *svg) text(x, y, size float64, bold bool, text string) {
	scale := strconv.FormatFloat(size*mmPerPoint/unitsPerEm, 'f', 8, 64)
	fmt.Fprintf(&s.body, `<g transform="translate(%s %s) scale(%s)" role="img" aria-label="`, number(x), number(y), scale)
	_ = xml.EscapeText(&s.body, []byte(text)) // a buffer takes everything
	s.body.WriteString(`">`)
	f, at := fonts()[weight(bold)], 0
	for _, r := range text {
		glyph, err := f.GlyphIndex(&s.buffer, r)
		if err != nil {
			continue
		}
		if name := s.define(f, glyph, bold); name != "" {
			fmt.Fprintf(&s.body, `<use href="#%s" x="%d"/>`, name, at)
		}
		advance, _ := f.GlyphAdvance(&s.buffer, glyph, fixed.I(unitsPerEm), font.HintingNone)
		at += advance.Round()
	}
	s.body.WriteString("</g>\n")
}

// define writes the outline of a glyph once and returns its name, "" for a blank.
func (s *svg) define(f *sfnt.Font, glyph sfnt.GlyphIndex, bold bool) string {
	name := fmt.Sprintf("%c%d", "rb"[weight(bold)], glyph)
	segments, err := f.LoadGlyph(&s.buffer, glyph, fixed.I(unitsPerEm), nil)
	if err != nil || len(segments) == 0 {
		return ""
	}
	if s.known[name] {
		return name
	}
	s.known[name] = true
	fmt.Fprintf(&s.glyphs, `<path id="%s" d="`, name)
	for _, segment := range segments {
		letters, points := "MLQC"[segment.Op], [4]int{1, 1, 2, 3}[segment.Op]
		s.glyphs.WriteByte(letters)
		for i, p := range segment.Args[:points] {
			if i > 0 {
				s.glyphs.WriteByte(' ')
			}
			fmt.Fprintf(&s.glyphs, "%d %d", p.X.Round(), p.Y.Round())
		}
	}
	s.glyphs.WriteString("z\"/>\n")
	return name
}

// number is a measure with a thousandth of precision.
func number(f float64) string { return strconv.FormatFloat(float64(int(f*1000+0.5))/1000, 'f', -1, 64) }

func (s *svg) rect(x, y, width, height float64, black bool) {
	fill := "#fff"
	if black {
		fill = "#000"
	}
	fmt.Fprintf(&s.body, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n", number(x), number(y), number(width), number(height), fill)
}

func (s *svg) line(width float64, dashed bool, points ...float64) {
	s.body.WriteString(`<polyline points="`)
	for i, f := range points {
		if i > 0 {
			s.body.WriteByte(' ')
		}
		s.body.WriteString(number(f))
	}
	dashes := ""
	if dashed {
		dashes = ` stroke-dasharray="1 1"`
	}
	fmt.Fprintf(&s.body, `" fill="none" stroke="#000" stroke-width="%s"%s/>`+"\n", number(width*mmPerPoint), dashes)
}

// modules are one path in the unit of a module, so that no seam shows between
// neighbours.
func (s *svg) modules(c *code, x, y, size float64) {
	scale := strconv.FormatFloat(size/float64(c.size), 'f', 6, 64)
	fmt.Fprintf(&s.body, `<path transform="translate(%s %s) scale(%s)" shape-rendering="crispEdges" d="`, number(x), number(y), scale)
	c.runs(func(x, y, n int) { fmt.Fprintf(&s.body, "M%d %dh%dv1h-%dz", x, y, n, n) })
	s.body.WriteString(`"/>` + "\n")
}

// runs calls draw for every stretch of black modules in a row.
func (c *code) runs(draw func(x, y, n int)) {
	for y := range c.size {
		for x := 0; x < c.size; x++ {
			n := 0
			for x+n < c.size && c.at(x+n, y) {
				n++
			}
			if n > 0 {
				draw(x, y, n)
			}
			x += n
		}
	}
}
