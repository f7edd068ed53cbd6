package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"math"
	"slices"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// pixels are those of a millimetre at 300 to the inch.
const pixels = 300 / 25.4

// PNG returns the picture as pixels, 300 to the inch.
func (p *Picture) PNG() ([]byte, error) {
	width, height := p.size()
	r := &raster{image: image.NewGray(image.Rect(0, 0, pixel(width), pixel(height))), faces: map[faceKey]font.Face{}}
	r.rect(0, 0, width, height, false)
	p.drawOn(r)
	if r.err != nil {
		return nil, r.err
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, r.image); err != nil {
		return nil, fmt.Errorf("png: %w", err)
	}
	return withDensity(b.Bytes()), nil
}

func pixel(mm float64) int { return int(math.Round(mm * pixels)) }

// The places of a PNG: its first chunk, which has 13 bytes of data, and what stands
// around the data of a chunk.
const (
	pngSignature = 8
	pngAround    = 12 // length, type and check
	pngHeader    = 13
)

// withDensity inserts a chunk that tells how large the pixels are on paper, which
// the encoder of the standard library does not write: pHYs, pixels to the metre in
// both directions (PNG, section 11.3.5.3).
func withDensity(file []byte) []byte {
	perMetre := uint32(math.Round(pixels * 1000))
	chunk := binary.BigEndian.AppendUint32([]byte("pHYs"), perMetre)
	chunk = append(binary.BigEndian.AppendUint32(chunk, perMetre), 1)
	whole := binary.BigEndian.AppendUint32(nil, uint32(len(chunk)-4)) // without its type
	whole = binary.BigEndian.AppendUint32(append(whole, chunk...), crc32.ChecksumIEEE(chunk))
	return slices.Insert(file, pngSignature+pngAround+pngHeader, whole...)
}

// raster draws pixels. It remembers the first error.
type raster struct {
	image *image.Gray
	faces map[faceKey]font.Face
	err   error
}

type faceKey struct {
	size float64
	bold bool
}

// face makes every face once; faces cannot be shared between drawings.
func (r *raster) face(key faceKey) font.Face {
	if f, ok := r.faces[key]; ok {
		return f
	}
	f, err := opentype.NewFace(fonts()[weight(key.bold)], &opentype.FaceOptions{Size: key.size, DPI: 300, Hinting: font.HintingNone})
	if err != nil {
		r.err = fmt.Errorf("png: %w", err)
		return nil
	}
	r.faces[key] = f
	return f
}

func (r *raster) text(x, y, size float64, bold bool, s string) {
	face := r.face(faceKey{size, bold})
	if face == nil {
		return
	}
	d := font.Drawer{Dst: r.image, Src: image.Black, Face: face, Dot: fixed.Point26_6{
		X: fixed.Int26_6(x * pixels * 64), Y: fixed.Int26_6(y * pixels * 64),
	}}
	d.DrawString(s)
}

func (r *raster) rect(x, y, width, height float64, black bool) {
	r.fill(pixel(x), pixel(y), pixel(x+width), pixel(y+height), black)
}

func (r *raster) fill(left, top, right, bottom int, black bool) {
	shade := byte(0xFF)
	if black {
		shade = 0
	}
	area := image.Rect(left, top, right, bottom).Intersect(r.image.Bounds())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := r.image.Pix[r.image.PixOffset(area.Min.X, y):]
		for i := range area.Dx() {
			row[i] = shade
		}
	}
}

// modules have whole pixels, so that no edge is grey.
func (r *raster) modules(c *code, x, y, size float64) {
	at := func(from float64, n int) int { return pixel(from + float64(n)*size/float64(c.size)) }
	c.runs(func(column, row, n int) {
		r.fill(at(x, column), at(y, row), at(x, column+n), at(y, row+1), true)
	})
}

func (r *raster) line(width float64, dashed bool, points ...float64) {
	const dash = 1.0 // millimetre
	for i := 0; i+3 < len(points); i += 2 {
		x, y, dx, dy := points[i], points[i+1], points[i+2]-points[i], points[i+3]-points[i+1]
		length := math.Hypot(dx, dy)
		if !dashed {
			r.stroke(width*mmPerPoint, x, y, x+dx, y+dy)
			continue
		}
		for from := 0.0; from < length; from += 2 * dash {
			a, b := from/length, min(from+dash, length)/length
			r.stroke(width*mmPerPoint, x+a*dx, y+a*dy, x+b*dx, y+b*dy)
		}
	}
}

// stroke fills the rectangle around a stretch of a line, which reaches half its
// width beyond both ends, so that corners are closed.
func (r *raster) stroke(width, x1, y1, x2, y2 float64) {
	length := math.Hypot(x2-x1, y2-y1)
	ux, uy := (x2-x1)/length*width/2, (y2-y1)/length*width/2
	box := image.Rect(pixel(min(x1, x2)-width), pixel(min(y1, y2)-width), pixel(max(x1, x2)+width)+1, pixel(max(y1, y2)+width)+1)
	v := vector.NewRasterizer(box.Dx(), box.Dy())
	point := func(x, y float64) (float32, float32) {
		return float32(x*pixels) - float32(box.Min.X), float32(y*pixels) - float32(box.Min.Y)
	}
	v.MoveTo(point(x1-ux-uy, y1-uy+ux))
	v.LineTo(point(x2+ux-uy, y2+uy+ux))
	v.LineTo(point(x2+ux+uy, y2+uy-ux))
	v.LineTo(point(x1-ux+uy, y1-uy-ux))
	v.ClosePath()
	v.Draw(r.image, box, image.Black, image.Point{})
}
