package picture

import "strings"

// canvas is what the drawings need of a format.
type canvas interface {
	// text writes on a baseline.
	text(x, y, size float64, bold bool, s string)
	// rect fills a rectangle, black or white.
	rect(x, y, width, height float64, black bool)
	// line draws through points (x, y, x, y ...); width is in points.
	line(width float64, dashed bool, points ...float64)
	// modules fills the black modules of a code within a square.
	modules(c *code, x, y, size float64)
}

const mmPerPoint = 25.4 / 72

// drawing is a canvas with the habits of a bill.
type drawing struct{ canvas }

// heading and value of a column: sizes of type and the distance of lines.
type style struct{ heading, value, leading float64 }

var (
	wide   = style{heading: 8, value: 10, leading: 11} // payment part
	narrow = style{heading: 6, value: 8, leading: 9}   // receipt
)

// styles are those in which a column may be set where the size is free, best first.
var styles = []style{wide, {heading: 7, value: 9, leading: 10}, narrow, {heading: 6, value: 6, leading: 7}}

// ascent is how far capitals rise above the baseline, as part of the size.
const ascent = 0.73

// paragraph is a heading and the lines below it.
type paragraph struct {
	heading string
	lines   []string
}

// column writes paragraphs with a blank line between them and returns where the
// next one would begin. The lines are broken at the width.
func (d drawing) column(x, y, width float64, s style, paragraphs ...paragraph) float64 {
	for _, p := range paragraphs {
		d.text(x, y+s.heading*ascent*mmPerPoint, s.heading, true, p.heading)
		y += s.leading * mmPerPoint
		for _, line := range p.lines {
			for _, part := range wrap(line, width, s.value) {
				d.text(x, y+s.heading*ascent*mmPerPoint, s.value, false, part)
				y += s.leading * mmPerPoint
			}
		}
		y += s.leading * mmPerPoint
	}
	return y
}

// height is how much of a page column takes.
func (s style) height(width float64, paragraphs ...paragraph) float64 {
	lines := 0
	for _, p := range paragraphs {
		lines += 2 // the heading, and the blank line
		for _, line := range p.lines {
			lines += len(wrap(line, width, s.value))
		}
	}
	return float64(lines) * s.leading * mmPerPoint
}

// styleFor is the best style in which a column keeps a height, else the smallest.
func styleFor(width, height float64, paragraphs ...paragraph) style {
	for _, s := range styles {
		if s.height(width, paragraphs...) <= height {
			return s
		}
	}
	return styles[len(styles)-1]
}

// clip breaks a line into n at most; the last one tells that something is missing.
func clip(s string, width, size float64, n int) []string {
	lines := wrap(s, width, size)
	if len(lines) <= n {
		return lines
	}
	last := []rune(lines[n-1])
	for textWidth(string(last)+ellipsis, size, false) > width {
		last = last[:len(last)-1]
	}
	return append(lines[:n-1], strings.TrimRight(string(last), " ")+ellipsis)
}

const ellipsis = "\u2026"

// wrap breaks a line between words; a word that is too long by itself anywhere.
func wrap(s string, width, size float64) (lines []string) {
	line := ""
	for word := range strings.FieldsSeq(s) {
		for {
			longer := strings.TrimSpace(line + " " + word)
			if textWidth(longer, size, false) <= width {
				line = longer
				break
			}
			if line != "" {
				lines, line = append(lines, line), ""
				continue
			}
			n := fitting(word, width, size)
			lines, word = append(lines, word[:n]), word[n:]
		}
	}
	return append(lines, line)
}

// fitting is how many bytes of a word fit, one character at least.
func fitting(word string, width, size float64) int {
	last := len(word)
	for i := range word {
		if i > 0 && textWidth(word[:i], size, false) > width {
			return last
		}
		if i > 0 {
			last = i
		}
	}
	return last
}

// corners marks a box that is to be filled in by hand.
func (d drawing) corners(x, y, width, height float64) {
	const arm, stroke = 3.0, 0.75
	for _, c := range []struct{ x, y, dx, dy float64 }{
		{x, y, arm, arm}, {x + width, y, -arm, arm}, {x, y + height, arm, -arm}, {x + width, y + height, -arm, -arm},
	} {
		d.line(stroke, false, c.x+c.dx, c.y, c.x, c.y, c.x, c.y+c.dy)
	}
}
