package picture

import (
	"fmt"

	"rsc.io/qr/coding"
)

// code is the matrix of a QR code, without its quiet zone.
type code struct {
	size  int
	black []bool
}

func (c *code) at(x, y int) bool { return c.black[y*c.size+x] }

// masks is how many patterns there are to break up large areas of one colour.
const masks = 8

// encode puts a payload as bytes into the smallest code of error correction level
// M, up to a version, and takes the mask that the standard prefers (ISO/IEC
// 18004, section 7.8.3).
func encode(payload string, maxVersion coding.Version) (*code, error) {
	data := coding.String(payload)
	version := coding.Version(coding.MinVersion)
	for data.Bits(version) > version.DataBytes(coding.M)*8 {
		if version++; version > maxVersion {
			return nil, fmt.Errorf("%w: %d bytes", ErrTooLong, len(payload))
		}
	}
	var best *code
	lowest := 0
	for mask := range coding.Mask(masks) {
		c, err := encodeMasked(data, version, mask)
		if err != nil {
			return nil, err
		}
		if penalty := c.penalty(); best == nil || penalty < lowest {
			best, lowest = c, penalty
		}
	}
	return best, nil
}

func encodeMasked(data coding.Encoding, version coding.Version, mask coding.Mask) (*code, error) {
	plan, err := coding.NewPlan(version, coding.M, mask)
	if err != nil {
		return nil, fmt.Errorf("qr code: %w", err)
	}
	raw, err := plan.Encode(data)
	if err != nil {
		return nil, fmt.Errorf("qr code: %w", err)
	}
	c := &code{size: raw.Size, black: make([]bool, raw.Size*raw.Size)}
	for i := range c.black {
		c.black[i] = raw.Black(i%c.size, i/c.size)
	}
	return c, nil
}

// penalty is the sum of the four penalties of the standard.
func (c *code) penalty() int {
	dark := 0
	for _, black := range c.black {
		if black {
			dark++
		}
	}
	off := dark*100/len(c.black) - 50
	sum := max(off, -off) / 5 * 10
	for i := range c.size {
		sum += linePenalty(c.size, func(j int) bool { return c.at(j, i) })
		sum += linePenalty(c.size, func(j int) bool { return c.at(i, j) })
	}
	return sum + c.blockPenalty()
}

// finder is dark and light as in the corners of a code.
var finder = [...]bool{true, false, true, true, true, false, true}

// linePenalty is that of long runs of a colour and of patterns like a corner.
func linePenalty(size int, at func(int) bool) (sum int) {
	run := 1
	for i := 1; i <= size; i++ {
		if i < size && at(i) == at(i-1) {
			run++
			continue
		}
		if run >= 5 {
			sum += run - 2
		}
		run = 1
	}
	for i := 0; i+len(finder) <= size; i++ {
		if matches(at, i) && (light(size, at, i-4) || light(size, at, i+len(finder))) {
			sum += 40
		}
	}
	return sum
}

func matches(at func(int) bool, from int) bool {
	for i, dark := range finder {
		if at(from+i) != dark {
			return false
		}
	}
	return true
}

// light tells that four modules are light; there are none but light ones outside.
func light(size int, at func(int) bool, from int) bool {
	for i := from; i < from+4; i++ {
		if i >= 0 && i < size && at(i) {
			return false
		}
	}
	return true
}

// blockPenalty is that of squares of one colour.
func (c *code) blockPenalty() (sum int) {
	for y := range c.size - 1 {
		for x := range c.size - 1 {
			if v := c.at(x, y); v == c.at(x+1, y) && v == c.at(x, y+1) && v == c.at(x+1, y+1) {
				sum += 3
			}
		}
	}
	return sum
}
