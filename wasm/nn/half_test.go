package nn

import (
	"math"
	"testing"
)

// TestHalfFloat compares with the definition: (-1)^sign · 2^(exponent-25) · significand.
func TestHalfFloat(t *testing.T) {
	for i := range 0x7c00 { // all that are finite
		significand, exponent := i&0x3ff, max(i>>10, 1)
		if i>>10 > 0 {
			significand += 0x400
		}
		want := float32(math.Ldexp(float64(significand), exponent-25))
		if got := halfFloat(uint16(i)); got != want {
			t.Fatalf("halfFloat(%#04x) = %v, want %v", i, got, want)
		}
		if got := halfFloat(uint16(i | 0x8000)); got != -want || !math.Signbit(float64(got)) {
			t.Fatalf("halfFloat(%#04x) = %v, want %v", i|0x8000, got, -want)
		}
	}
}

// TestHalfRoundTrip takes all 65,536 half-precision numbers through both conversions.
func TestHalfRoundTrip(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		f := halfFloat(h)
		if h&0x7fff > 0x7c00 { // NaN keeps being NaN, its payload need not survive
			if !math.IsNaN(float64(f)) {
				t.Fatalf("halfFloat(%#04x) = %v, want NaN", h, f)
			}
			continue
		}
		if got := halfBits(f); got != h {
			t.Fatalf("halfBits(halfFloat(%#04x) = %v) = %#04x", h, f, got)
		}
	}
}

// TestHalfRounds compares with the nearest of the two neighbours, ties to the
// even one, over values between all pairs of adjacent half-precision numbers.
func TestHalfRounds(t *testing.T) {
	for h := range uint16(0x7bff) { // positive and finite, with a finite successor
		low, high := halfFloat(h), halfFloat(h+1)
		mid := (low + high) / 2 // exact in single precision
		even := h + h&1
		for _, c := range []struct {
			in   float32
			want uint16
		}{
			{math.Nextafter32(mid, low), h},
			{mid, even},
			{math.Nextafter32(mid, high), h + 1},
		} {
			if got := halfBits(c.in); got != c.want {
				t.Fatalf("halfBits(%v) = %#04x, want %#04x (between %v and %v)", c.in, got, c.want, low, high)
			}
			if got := halfBits(-c.in); got != c.want|0x8000 {
				t.Fatalf("halfBits(%v) = %#04x, want %#04x", -c.in, got, c.want|0x8000)
			}
		}
	}
	for in, want := range map[float32]uint16{65519: 0x7bff, 65520: 0x7c00, 1e30: 0x7c00, float32(math.Inf(-1)): 0xfc00} {
		if got := halfBits(in); got != want {
			t.Errorf("halfBits(%v) = %#04x, want %#04x", in, got, want)
		}
	}
}
