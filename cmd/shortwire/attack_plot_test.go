package main

import (
	"image/color"
	"os"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// curve is one attack in a picture.
type curve struct {
	name    string
	samples []sample
}

var curveColors = []color.Color{
	color.RGBA{R: 0x1b, G: 0x6c, B: 0xa8, A: 0xff}, color.RGBA{R: 0xd9, G: 0x7a, B: 0x06, A: 0xff}, color.RGBA{R: 0xb0, G: 0x1e, B: 0x4f, A: 0xff},
}

// drawAttacks writes two pictures above each other: how much of the space is
// taken, and how long an honest wallet works.
func drawAttacks(file string, curves []curve) error {
	occupied, err := panel("Subjects taken", "per cent of 10,000", curves, func(s sample) float64 { return 100 * s.occupied })
	if err != nil {
		return err
	}
	occupied.Y.Min, occupied.Y.Max = 0, 40
	wait, err := panel("Wait of an honest wallet (800 evaluations a second)", "seconds", curves, func(s sample) float64 { return s.wait })
	if err != nil {
		return err
	}
	wait.X.Label.Text = "hours since the attack began"
	wait.Y.Scale, wait.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	wait.Y.Min, wait.Y.Max = 1, 10_000
	wait.Legend = plot.NewLegend()
	canvas := vgsvg.New(18*vg.Centimeter, 18*vg.Centimeter)
	tiles := draw.Tiles{Rows: 2, Cols: 1, PadY: vg.Millimeter * 5, PadTop: vg.Millimeter * 2, PadRight: vg.Millimeter * 4, PadBottom: vg.Millimeter * 2, PadLeft: vg.Millimeter * 2}
	areas := plot.Align([][]*plot.Plot{{occupied}, {wait}}, tiles, draw.New(canvas))
	occupied.Draw(areas[0][0])
	wait.Draw(areas[1][0])
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err := canvas.WriteTo(out); err != nil {
		return err
	}
	return out.Close()
}

func panel(title, unit string, curves []curve, value func(sample) float64) (*plot.Plot, error) {
	p := plot.New()
	p.Title.Text, p.Y.Label.Text = title, unit
	p.X.Min, p.X.Max = 0, attackWatched.Hours()
	p.Legend.Top, p.Legend.Left = true, true // text grows away from the edge, whatever the font
	p.Add(plotter.NewGrid())
	for i, c := range curves {
		points := make(plotter.XYs, len(c.samples))
		for j, s := range c.samples {
			points[j] = plotter.XY{X: s.hours, Y: value(s)}
		}
		line, err := plotter.NewLine(points)
		if err != nil {
			return nil, err
		}
		line.Color, line.Width = curveColors[i], vg.Points(1.5)
		p.Add(line)
		p.Legend.Add(c.name, line)
	}
	return p, nil
}
