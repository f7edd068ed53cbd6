package wire

import "strings"

// segwitAlphabet numbers the values 0 to 31 of bech32 (BIP 173), in capitals.
const segwitAlphabet = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"

// segwitSymbols is the other way round.
var segwitSymbols = makeSegwitSymbols()

func makeSegwitSymbols() (values [256]byte) {
	for c := range values {
		values[c] = noSymbol
	}
	for value := range len(segwitAlphabet) {
		values[segwitAlphabet[value]] = byte(value)
	}
	return values
}

// segwitChecksum is what the checksum of an address of version 0 leaves (BIP 173);
// later versions have the constant of BIP 350.
const segwitChecksum = 1

// segwitBytes is the length of a program that pays to the hash of a key, and
// segwitValues that of its text: version, program, check.
const (
	segwitBytes  = 20
	segwitValues = 1 + segwitBytes*8/symbolBits + bchSymbols
)

// SegwitSymbols is the length of an address with a human-readable part.
func SegwitSymbols(hrp string) int { return len(hrp) + 1 + segwitValues }

// Segwit returns the address of a program of version 0 that pays to the hash of
// a key (BIP 141), in capitals. hrp is in lower case: bc, tb or bcrt.
func Segwit(hrp string, program [segwitBytes]byte) string {
	values := append(make([]byte, 0, segwitValues), 0)
	buffer, bits := 0, 0
	for _, b := range program {
		buffer, bits = (buffer<<8|int(b))&0xFFF, bits+8
		for bits >= symbolBits {
			bits -= symbolBits
			values = append(values, byte(buffer>>bits&31))
		}
	}
	checksum := bchFeed(segwitStart(hrp), append(values, make([]byte, bchSymbols)...)) ^ segwitChecksum
	for i := range bchSymbols {
		values = append(values, byte(checksum>>(symbolBits*(bchSymbols-1-i))&31))
	}
	text := []byte(strings.ToUpper(hrp) + "1")
	for _, value := range values {
		text = append(text, segwitAlphabet[value])
	}
	return string(text)
}

// segwitStart is the checksum after the expansion of a human-readable part.
func segwitStart(hrp string) uint32 {
	checksum := uint32(1)
	for i := range len(hrp) {
		checksum = bchStep(checksum, hrp[i]>>5)
	}
	checksum = bchStep(checksum, 0)
	for i := range len(hrp) {
		checksum = bchStep(checksum, hrp[i]&31)
	}
	return checksum
}

// ReadSegwit returns the program of an address in capitals. It is false unless
// the address is one that Segwit gives.
func ReadSegwit(hrp string, address []byte) (program [segwitBytes]byte, ok bool) {
	if len(address) != SegwitSymbols(hrp) || !beginsSegwit(hrp, address) {
		return program, false
	}
	checksum, buffer, bits, at := segwitStart(hrp), 0, 0, 0
	for i, c := range address[len(hrp)+1:] {
		value := segwitSymbols[c]
		if value == noSymbol || i == 0 && value != 0 {
			return program, false
		}
		checksum = bchStep(checksum, value)
		if i == 0 || at == len(program) {
			continue // the version, the check
		}
		if buffer, bits = (buffer<<symbolBits|int(value))&0xFFF, bits+symbolBits; bits >= 8 {
			bits -= 8
			program[at] = byte(buffer >> bits)
			at++
		}
	}
	return program, checksum == segwitChecksum
}

// beginsSegwit tells that an address in capitals is one of a network.
func beginsSegwit(hrp string, address []byte) bool {
	for i := range len(hrp) {
		if address[i] != upper(hrp[i]) {
			return false
		}
	}
	return address[len(hrp)] == '1'
}
