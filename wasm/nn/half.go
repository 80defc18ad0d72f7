package nn

import "math"

// halfBits rounds f to the nearest IEEE 754 half-precision number, ties to
// even, and returns its bits. What is too large becomes an infinity.
func halfBits(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	mag := b & 0x7fffffff
	switch {
	case mag > 0x7f800000: // NaN
		return sign | 0x7e00
	case mag >= 0x477ff000: // 65520 and above round to infinity
		return sign | 0x7c00
	case mag >= 0x38800000: // normal: rebias the exponent from 127 to 15, round 13 bits away
		return sign | uint16((mag-0x38000000+0xfff+(mag>>13&1))>>13)
	}
	// Subnormal: adding 0.5 aligns the last bit of the sum with 2^-24, the unit
	// of half-precision subnormals, and rounds to even.
	return sign | uint16(math.Float32bits(math.Float32frombits(mag)+0.5)-math.Float32bits(0.5))
}

// halfFloat returns the number whose half-precision bits are h. It is small enough
// to be inlined, because calls are dear in Go's WebAssembly and a model has half a
// million weights.
func halfFloat(h uint16) float32 {
	mag := uint32(h&0x7fff) << 13
	if mag >= 0x7c00<<13 {
		mag |= 0x7f800000 // infinity or NaN
	} else {
		mag = math.Float32bits(math.Float32frombits(mag) * (1 << 112)) // rebias the exponent, of subnormals too
	}
	return math.Float32frombits(uint32(h&0x8000)<<16 | mag)
}
