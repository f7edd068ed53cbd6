package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"math"
	"testing"
)

// chunks are those of a PNG by their types, each with a right check.
func chunks(t *testing.T, file []byte) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for rest := file[8:]; len(rest) > 0; {
		n := binary.BigEndian.Uint32(rest)
		name, data := string(rest[4:8]), rest[8:8+n]
		if crc32.ChecksumIEEE(rest[4:8+n]) != binary.BigEndian.Uint32(rest[8+n:]) {
			t.Errorf("the check of %s is wrong", name)
		}
		if name == "pHYs" && found["IDAT"] != nil {
			t.Error("the size of pixels comes after them")
		}
		found[name], rest = data, rest[12+n:]
	}
	return found
}

// Printed, a picture has the size that it is drawn in.
func TestPNG_SizeOnPaper(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"qrr", "nz"} {
		p := sample(t, name)
		file, err := p.PNG()
		if err != nil {
			t.Fatal(err)
		}
		density := chunks(t, file)["pHYs"]
		if len(density) != 9 || density[8] != 1 || !bytes.Equal(density[:4], density[4:8]) {
			t.Fatalf("%s: pHYs % x", name, density)
		}
		config, err := png.DecodeConfig(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		width, height := p.size()
		perMetre := float64(binary.BigEndian.Uint32(density))
		if w, h := float64(config.Width)/perMetre*1000, float64(config.Height)/perMetre*1000; math.Abs(w-width) > 0.1 || math.Abs(h-height) > 0.1 {
			t.Errorf("%s: %g mm x %g mm on paper, want %g x %g", name, w, h, width, height)
		}
	}
}
