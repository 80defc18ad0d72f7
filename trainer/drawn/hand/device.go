package hand

import (
	"math"
	"math/rand/v2"

	"rakam/wasm/ink"
)

// device is what pen, finger or mouse and the hardware make of a path. Lengths
// are shares of the frame's height.
type device struct {
	noise float64 // standard deviation of a mouse's trembling
	shaky int     // how many points at the start are noisier
	every int     // only one point in every so many arrives
	grid  float64 // coordinates are multiples of this; 0 for fine ones
}

// someDevice draws a device at random; two in five are faultless.
func someDevice(rng *rand.Rand) device {
	d := device{every: 1}
	if rng.Float64() < 0.3 {
		d.noise = 0.001 + 0.007*rng.Float64()
	}
	if rng.Float64() < 0.08 {
		d.shaky = 3 + rng.IntN(8)
	}
	if rng.Float64() < 0.3 {
		d.every = 2 + rng.IntN(5)
	}
	if rng.Float64() < 0.1 {
		d.grid = 1 / (20 + 60*rng.Float64())
	}
	return d
}

// sample returns the points of the stroke that arrive.
func (d device) sample(rng *rand.Rand, s ink.Stroke) ink.Stroke {
	if d.noise > 0 || d.shaky > 0 {
		d.tremble(rng, s)
	}
	n := 0
	for i, q := range s {
		if i%d.every != 0 && i != len(s)-1 {
			continue
		}
		if d.grid > 0 {
			q = ink.Point{X: d.grid * math.Round(q.X/d.grid), Y: d.grid * math.Round(q.Y/d.grid)}
		}
		s[n] = q
		n++
	}
	return s[:n]
}

// tremble moves the points by noise that goes on from one to the next.
func (d device) tremble(rng *rand.Rand, s ink.Stroke) {
	const memory = 0.7
	var x, y float64
	for i := range s {
		sd := d.noise
		if i < d.shaky {
			sd += 0.012
		}
		x = memory*x + sd*rng.NormFloat64()
		y = memory*y + sd*rng.NormFloat64()
		s[i].X += x
		s[i].Y += y
	}
}
