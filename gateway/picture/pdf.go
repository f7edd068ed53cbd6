package picture

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// PDF returns the picture as a page of its size, with its fonts embedded.
func (p *Picture) PDF() ([]byte, error) {
	width, height := p.size()
	orientation := "P"
	if width > height {
		orientation = "L"
	}
	f := fpdf.NewCustom(&fpdf.InitType{OrientationStr: orientation, UnitStr: "mm", Size: fpdf.SizeType{Wd: min(width, height), Ht: max(width, height)}})
	// The same input gives the same bytes: no clock, no order of maps.
	f.SetCreationDate(time.Unix(0, 0).UTC())
	f.SetModificationDate(time.Unix(0, 0).UTC())
	f.SetCatalogSort(true)
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	for i, style := range []string{"", "B"} {
		f.AddUTF8FontFromBytes(pdfFamily, style, fontData[i])
	}
	f.AddPage()
	p.drawOn(pdf{f})
	var b bytes.Buffer
	if err := f.Output(&b); err != nil {
		return nil, fmt.Errorf("pdf: %w", err)
	}
	return b.Bytes(), nil
}

const pdfFamily = "liberation"

type pdf struct{ f *fpdf.Fpdf }

func (p pdf) text(x, y, size float64, bold bool, s string) {
	style := ""
	if bold {
		style = "B"
	}
	p.f.SetFont(pdfFamily, style, size)
	p.f.Text(x, y, s)
}

func (p pdf) rect(x, y, width, height float64, black bool) {
	shade := 255
	if black {
		shade = 0
	}
	p.f.SetFillColor(shade, shade, shade)
	p.f.Rect(x, y, width, height, "F")
}

func (p pdf) line(width float64, dashed bool, points ...float64) {
	p.f.SetLineWidth(width * mmPerPoint)
	if dashed {
		p.f.SetDashPattern([]float64{1, 1}, 0)
	}
	p.f.MoveTo(points[0], points[1])
	for i := 2; i+1 < len(points); i += 2 {
		p.f.LineTo(points[i], points[i+1])
	}
	p.f.DrawPath("D")
	p.f.SetDashPattern(nil, 0)
}

func (p pdf) modules(c *code, x, y, size float64) {
	module := size / float64(c.size)
	p.f.SetFillColor(0, 0, 0)
	c.runs(func(column, row, n int) {
		p.f.Rect(x+float64(column)*module, y+float64(row)*module, float64(n)*module, module, "F")
	})
}
