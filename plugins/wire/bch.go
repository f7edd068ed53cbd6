package wire

// bchSymbols is the number of check symbols of the BCH code.
const bchSymbols = 6

// bchConstant is what the checksum of bech32m must leave (BIP 350). Unlike
// bech32's 1 it reveals inserted and deleted symbols too.
const bchConstant = 0x2bc830a3

// bchGenerators are the generator values of the bech32 code (BIP 173).
var bchGenerators = [5]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3}

// bchTop is what each value of the five bits that leave the checksum at its top
// contributes: the sum of the generators whose bit is set.
var bchTop = makeBCHTop()

func makeBCHTop() (table [32]uint32) {
	for top := range table {
		for i, generator := range bchGenerators {
			if top>>i&1 == 1 {
				table[top] ^= generator
			}
		}
	}
	return table
}

// bchStep feeds one 5-bit value into the checksum (BIP 173, polymod).
func bchStep(checksum uint32, value byte) uint32 {
	return checksum&0x1ffffff<<5 ^ uint32(value) ^ bchTop[checksum>>25]
}

// BCHCheck returns the six check values of a sequence of Crockford values.
//
// What is fed is exactly this, in this order: nothing before (start value 1,
// no human-readable part, no expansion, and of a subject not its prefix MAP),
// the values as Crockford's alphabet numbers them, then six zeros; the result
// is combined with the constant of BIP 350 and read from its highest five bits
// to its lowest. With up to 83 values every pattern of up to four wrong symbols
// is revealed (BIP 173), and others but one in 2^30.
func BCHCheck(values []byte) (check [bchSymbols]byte) {
	checksum := bchSum(values)
	for range bchSymbols {
		checksum = bchStep(checksum, 0)
	}
	checksum ^= bchConstant
	for i := range check {
		check[i] = byte(checksum >> (5 * (bchSymbols - 1 - i)) & 31)
	}
	return check
}

// BCHValid tells whether values end in their six check values.
func BCHValid(values []byte) bool { return bchSum(values) == bchConstant }

func bchSum(values []byte) uint32 { return bchFeed(1, values) }

func bchFeed(checksum uint32, values []byte) uint32 {
	for _, value := range values {
		checksum = bchStep(checksum, value)
	}
	return checksum
}

// checkedKeyValues is the number of values of a key and its check.
const checkedKeyValues = keySymbols + bchSymbols

// bchStart is what the start value 1 has become after a key and its check, and
// bchFirst what their first value has become, on top of the rest: the checksum
// is linear, so that each can be taken out again.
var (
	bchStart = bchFeed(1, make([]byte, checkedKeyValues))
	bchFirst = makeBCHFirst()
)

func makeBCHFirst() (table [32]uint32) {
	for value := range table {
		table[value] = bchFeed(uint32(value), make([]byte, checkedKeyValues-1))
	}
	return table
}

// bchAnywhere tells whether values hold, at any place, a key's worth of values
// followed by their check. It takes one step for each value.
func bchAnywhere(values []byte) bool {
	checksum := uint32(0)
	for i, value := range values {
		if i >= checkedKeyValues {
			checksum ^= bchFirst[values[i-checkedKeyValues]]
		}
		checksum = bchStep(checksum, value)
		if i+1 >= checkedKeyValues && checksum^bchStart == bchConstant {
			return true
		}
	}
	return false
}
