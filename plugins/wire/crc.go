package wire

// CRC16 is CRC-16/CCITT-FALSE, which ends a BR Code: polynomial 0x1021, start value
// 0xFFFF.
func CRC16(s string) uint16 {
	crc := uint16(0xFFFF)
	for i := range len(s) {
		crc ^= uint16(s[i]) << 8
		for range 8 {
			carry := crc & 0x8000
			crc <<= 1
			if carry != 0 {
				crc ^= 0x1021
			}
		}
	}
	return crc
}
