package picture

import (
	"math"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/shortwire/shortwire/plugins/wire"
)

// area is what something takes of a picture.
type area struct {
	what                     string
	left, top, right, bottom float64
}

func (a area) overlaps(b area) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

// layout remembers the areas of texts, codes and boxes, which are four corners.
type layout struct {
	areas   []area
	corners []float64
}

func (l *layout) text(x, y, size float64, bold bool, s string) {
	l.areas = append(l.areas, area{s, x, y - size*ascent*mmPerPoint, x + textWidth(s, size, bold), y + size*0.2*mmPerPoint})
}

func (l *layout) rect(_, _, _, _ float64, _ bool) {}

func (l *layout) modules(_ *code, x, y, size float64) {
	l.areas = append(l.areas, area{"code", x, y, x + size, y + size})
}

func (l *layout) line(_ float64, _ bool, points ...float64) {
	if len(points) != 6 {
		return // scissors, or the line below them
	}
	if l.corners = append(l.corners, points...); len(l.corners) < 24 {
		return
	}
	box := area{"box", math.Inf(1), math.Inf(1), 0, 0}
	for i := 0; i < len(l.corners); i += 2 {
		x, y := l.corners[i], l.corners[i+1]
		box = area{"box", min(box.left, x), min(box.top, y), max(box.right, x), max(box.bottom, y)}
	}
	l.areas, l.corners = append(l.areas, box), nil
}

// check reports what overlaps, and what leaves the picture.
func (l *layout) check(t *testing.T, name string, width, height float64) {
	t.Helper()
	for i, a := range l.areas {
		if a.left < 0 || a.top < 0 || a.right > width-margin/2 || a.bottom > height-margin/2 {
			t.Errorf("%s: %q leaves the picture: %v", name, a.what, a)
		}
		for _, b := range l.areas[:i] {
			if a.overlaps(b) {
				t.Errorf("%s: %v overlaps %v", name, a, b)
			}
		}
	}
}

// longest is an account whose holder's elements are of the longest permitted
// length, made of one word or of many.
func longest(text string) []wire.Subject {
	of := func(n int) string { return strings.TrimSpace(string([]rune(strings.Repeat(text, 70))[:n])) }
	holder := "?receiver-name=" + url.PathEscape(of(70))
	home := &wire.Address{Street: of(70), House: of(16), Postcode: of(16), Town: of(35), Country: "CH"}
	return []wire.Subject{
		{Type: "CH_QR_BILL", CreditAccount: "payto://iban/CH4431999123000889012" + holder, QRReference: "000000173634008748184022385", Address: home},
		{Type: "RF", CreditAccount: "payto://iban/CH5204835012345671000" + holder, Reference: "RF7417363400874818402238", Address: home},
		{Type: "SIMPLE", CreditAccount: "payto://iban/CH5204835012345671000" + holder, Subject: samples["epc_key"].subjects[0].Subject, Address: home},
		{Type: "SIMPLE", CreditAccount: "payto://iban/DE75512108001245126199" + holder, Subject: samples["epc_key"].subjects[0].Subject},
		{Type: "SIMPLE", CreditAccount: "payto://iban/CZ6508000000192000145399" + holder, Subject: samples["epc_key"].subjects[0].Subject},
	}
}

// The longest names and addresses leave every text and every box its place, on the
// receipt, on the payment part and on cards.
func TestNothingOverlaps(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"W", "M\u00fcller & S\u00f6hne ", "i", "Genossenschaft "} {
		for _, subject := range longest(text) {
			for _, money := range []string{"", "EUR:999999999.99"} {
				for language := range languages {
					p, err := New(Request{Subjects: []wire.Subject{subject}, Currency: "EUR", Amount: amount(t, money), Language: language, Receipt: true})
					if err != nil {
						t.Fatal(err)
					}
					var l layout
					p.drawOn(&l)
					width, height := p.size()
					l.check(t, strings.Join([]string{text, subject.Type, money, language}, " "), width, height)
				}
			}
		}
	}
	for name := range samples {
		p, l := sample(t, name), &layout{}
		p.drawOn(l)
		width, height := p.size()
		l.check(t, name, width, height)
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	const text = "Rue de la Gare 12, \u00e0 gauche"
	if got := clip(text, 36, 10, 1); len(got) != 1 || got[0] != "Rue de la Gare 12,\u2026" {
		t.Errorf("got %q", got)
	}
	if got := clip(text, 36, 10, 2); len(got) != 2 || got[1] != "gauche" {
		t.Errorf("got %q", got)
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                  {""},
		"Example Exchange":                  {"Example Exchange"},
		"Rue de la Gare 12, à gauche":       {"Rue de la Gare 12, à", "gauche"},
		"Donaudampfschiffahrtsgesellschaft": {"Donaudampfschiffahrt", "sgesellschaft"},
	} {
		if diff := cmp.Diff(want, wrap(text, 36, 10)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}
