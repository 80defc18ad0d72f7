// Package augment varies digits as hands do: it turns, slants, stretches, moves
// and bends them, images and strokes alike, makes their strokes heavier and images softer,
// lets the pen skip, and leaves them legible.
package augment

import (
	"math"
	"math/rand/v2"

	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// Strength is how far a digit may be changed. Each value is the standard
// deviation of what is drawn, cut at twice that; the zero value changes nothing.
type Strength struct {
	Rotation float64 `json:"rotation,omitempty"` // degrees
	Slant    float64 `json:"slant,omitempty"`    // of a vertical line, pixels to the side for each one up
	Scale    float64 `json:"scale,omitempty"`    // of width and of height, relative
	Shift    float64 `json:"shift,omitempty"`    // pixels; strokes are centred anyway
	Bend     float64 `json:"bend,omitempty"`     // pixels that the knots of a 5×5 grid over the image move
	// Weight is that of the strokes of an image: how much of a pixel they grow on
	// each side, or shrink by half of it. The strokes of drawings have all the same pen;
	// in the share Paper of them they grow and never shrink. That is before a drawing,
	// 20 pixels large without its pen, is made to fit the image: 1.5 end as 1.1.
	Weight float64 `json:"weight,omitempty"`
	// Blur is that of the deviation, in pixels, of a Gaussian; half of the images stay
	// as they are. Of a drawing the image is blurred that is made of it, in the share Paper.
	Blur float64 `json:"blur,omitempty"`
	// Paper is no deviation but the share of drawings that are to look as if they came
	// from paper, with other pens and a camera: what Weight and Blur are for.
	Paper float64 `json:"paper,omitempty"`
	// Gap is no deviation but the share of drawings that Skip is to change as well: a
	// Warp does not.
	Gap float64 `json:"gap,omitempty"`
}

// Any reports whether s changes anything.
func (s Strength) Any() bool { return s != Strength{} }

// Values lists the strengths.
func (s Strength) Values() []float64 {
	return []float64{s.Rotation, s.Slant, s.Scale, s.Shift, s.Bend, s.Weight, s.Blur, s.Paper, s.Gap}
}

const (
	side    = nn.ImageSide
	middle  = float64(side-1) / 2
	knots   = 5                             // of the grid of displacements, along each axis
	knotGap = float64(side-1) / (knots - 1) // between two knots, in pixels
)

// Warp is one way to change a digit: where each place of the changed image comes
// from in the old one, in pixel indices.
type Warp struct {
	xx, xy, yx, yy float64 // of what is right of and below the middle
	dx, dy         float64
	bend           bool
	bx, by         [knots][knots]float64
	weight         float32
	blur           float64
}

// normal is a normal deviate within two standard deviations.
func normal(rng *rand.Rand) float64 {
	for {
		if v := rng.NormFloat64(); v > -2 && v < 2 {
			return v
		}
	}
}

// New draws a warp.
func New(rng *rand.Rand, s Strength) Warp {
	sin, cos := math.Sincos(normal(rng) * s.Rotation * math.Pi / 180)
	slant := normal(rng) * s.Slant
	w, h := math.Exp(normal(rng)*s.Scale), math.Exp(normal(rng)*s.Scale)
	warp := Warp{
		xx: cos * w, xy: (sin + slant*cos) * h,
		yx: -sin * w, yy: (cos - slant*sin) * h,
		dx: normal(rng) * s.Shift, dy: normal(rng) * s.Shift,
		bend: s.Bend > 0,
	}
	if warp.bend {
		for i := range knots {
			for j := range knots {
				warp.bx[i][j], warp.by[i][j] = normal(rng)*s.Bend, normal(rng)*s.Bend
			}
		}
	}
	if s.Weight > 0 {
		warp.weight = float32(normal(rng) * s.Weight)
	}
	if s.Blur > 0 {
		warp.blur = normal(rng) * s.Blur
	}
	if s.Paper > 0 {
		warp.weight, warp.blur = float32(math.Abs(float64(warp.weight))), math.Abs(warp.blur)
		if rng.Float64() >= s.Paper {
			warp.weight, warp.blur = 0, 0
		}
	}
	return warp
}

// from returns where the place (x, y) comes from.
func (w *Warp) from(x, y float64) (float64, float64) {
	u, v := x-middle, y-middle
	px, py := middle+w.xx*u+w.xy*v+w.dx, middle+w.yx*u+w.yy*v+w.dy
	if !w.bend {
		return px, py
	}
	gx, gy := min(max(x/knotGap, 0), knots-1-1e-9), min(max(y/knotGap, 0), knots-1-1e-9)
	i, j := int(gy), int(gx)
	fy, fx := ease(gy-float64(i)), ease(gx-float64(j))
	a, b, c, d := (1-fy)*(1-fx), (1-fy)*fx, fy*(1-fx), fy*fx
	return px + a*w.bx[i][j] + b*w.bx[i][j+1] + c*w.bx[i+1][j] + d*w.bx[i+1][j+1],
		py + a*w.by[i][j] + b*w.by[i][j+1] + c*w.by[i+1][j] + d*w.by[i+1][j+1]
}

// ease has no slope at the knots, so that lines bend and do not break there.
func ease(t float64) float64 { return t * t * (3 - 2*t) }

// Image writes the changed image to dst, both [784], with paper around. It
// interpolates by cubics, because a network that only ever sees the blur of
// straight lines between pixels misreads digits without it.
func (w *Warp) Image(dst, src []float32) {
	for row := range side {
		for column := range side {
			x, y := w.from(float64(column), float64(row))
			dst[row*side+column] = sample(src, x, y)
		}
	}
	if w.weight != 0 {
		weigh(dst, w.weight)
	}
	w.Soften(dst)
}

// Soften blurs an image, [784], in place as Image does at its end. How soft an image is
// says how it was taken, not what was written; a network for which it tells MNIST's images
// from drawings reads each as is usual there.
func (w *Warp) Soften(image []float32) { Blur(image, w.blur) }

// Blur puts a Gaussian of a deviation in pixels over an image, [784], in place, with paper
// around. It is cut at two pixels. One of 0 or less changes nothing.
func Blur(image []float32, deviation float64) {
	if !(deviation > 0) {
		return
	}
	const reach = 2
	var weights [2*reach + 1]float32
	var sum float32
	for k := range weights {
		d := float64(k-reach) / deviation
		weights[k] = float32(math.Exp(-d * d / 2))
		sum += weights[k]
	}
	for k := range weights {
		weights[k] /= sum
	}
	// along blurs lines of pixels that are a step apart; they end where at/line changes.
	along := func(dst, src []float32, step, line int) {
		for at := range dst {
			var v float32
			for k, weight := range weights {
				if to := at + (k-reach)*step; to >= 0 && to < len(src) && to/line == at/line {
					v += weight * src[to]
				}
			}
			dst[at] = v
		}
	}
	var across [side * side]float32
	along(across[:], image, 1, side)
	along(image, across[:], side, side*side)
	for i, v := range image {
		image[i] = min(v, 1) // but for rounding
	}
}

// weigh makes the strokes of an image heavier, or lighter for a negative amount:
// it mixes each pixel with the most, or least, ink among it and its four neighbours.
func weigh(image []float32, amount float32) {
	old := [side * side]float32(image)
	join := func(a, b float32) float32 { return max(a, b) }
	if amount < 0 { // half as much: thin strokes have little to lose
		amount /= -2
		join = func(a, b float32) float32 { return min(a, b) }
	}
	amount = min(amount, 1)
	for row := range side {
		for column := range side {
			at := row*side + column
			v := join(old[max(row-1, 0)*side+column], old[min(row+1, side-1)*side+column])
			v = join(v, join(old[row*side+max(column-1, 0)], old[row*side+min(column+1, side-1)]))
			image[at] += amount * (join(v, old[at]) - old[at])
		}
	}
}

// sample is the value of src at a place between pixels, kept within 0 and 1.
func sample(src []float32, x, y float64) float32 {
	if x <= -1 || y <= -1 || x >= side || y >= side {
		return 0
	}
	j, i := int(math.Floor(x)), int(math.Floor(y))
	across, down := cubic(float32(x-float64(j))), cubic(float32(y-float64(i)))
	var sum float32
	for k, v := range down {
		row := i - 1 + k
		if row < 0 || row >= side {
			continue
		}
		for l, u := range across {
			if column := j - 1 + l; column >= 0 && column < side {
				sum += v * u * src[row*side+column]
			}
		}
	}
	return min(max(sum, 0), 1)
}

// cubic returns the weights of the four pixels around a place t behind the second
// of them. Source: R. Keys, Cubic Convolution Interpolation for Digital Image
// Processing (1981), with a = -1/2.
func cubic(t float32) [4]float32 {
	return [4]float32{
		((-t+2)*t - 1) * t / 2,
		((3*t-5)*t*t + 2) / 2,
		((-3*t+4)*t + 1) * t / 2,
		(t - 1) * t * t / 2,
	}
}

// Drawing returns the changed drawing. Its points go where Image takes the ink of a
// 28×28 image from, when that is filled by the drawing: the other way, which is as
// likely. A heavier one has every stroke several times. It does not blur: see Soften.
func (w *Warp) Drawing(d ink.Drawing) ink.Drawing {
	low, size := extent(d)
	heavier := w.weight > 0 && size > 0 // beside a dot's size no weight is small
	if size == 0 {
		size = 1
	}
	out := make(ink.Drawing, len(d))
	for s, stroke := range d {
		out[s] = make(ink.Stroke, len(stroke))
		for i, p := range stroke {
			x, y := w.from((p.X-low.X)/size*20+4, (p.Y-low.Y)/size*20+4)
			out[s][i] = ink.Point{X: x, Y: y}
		}
	}
	if heavier {
		return thicken(out, float64(w.weight))
	}
	return out
}

// MostWeight is the largest Weight of drawings. Deviates are cut at twice that, and what
// is drawn that far around a dot still leaves no hole in it.
const MostWeight = 1.5

// thicken draws the drawing again and again around itself, at so many pixels, as one does
// who makes its strokes heavier.
func thicken(d ink.Drawing, by float64) ink.Drawing {
	const around = 6
	out := make(ink.Drawing, 0, (1+around)*len(d))
	out = append(out, d...)
	for k := range around {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / around)
		out = append(out, Moved(d, by*cos, by*sin)...)
	}
	return out
}

// Moved returns the drawing moved by x and y, in its unit.
func Moved(d ink.Drawing, x, y float64) ink.Drawing {
	out := make(ink.Drawing, len(d))
	for s, stroke := range d {
		out[s] = make(ink.Stroke, len(stroke))
		for i, p := range stroke {
			out[s][i] = ink.Point{X: p.X + x, Y: p.Y + y}
		}
	}
	return out
}

// extent returns the corner of the square around a drawing and its side, 0 for a dot
// or nothing.
func extent(d ink.Drawing) (low ink.Point, size float64) {
	low, high := ink.Point{X: math.Inf(1), Y: math.Inf(1)}, ink.Point{X: math.Inf(-1), Y: math.Inf(-1)}
	for _, stroke := range d {
		for _, p := range stroke {
			low = ink.Point{X: min(low.X, p.X), Y: min(low.Y, p.Y)}
			high = ink.Point{X: max(high.X, p.X), Y: max(high.Y, p.Y)}
		}
	}
	w, h := high.X-low.X, high.Y-low.Y
	size = max(w, h)
	if !(size > 0) {
		return low, 0
	}
	return ink.Point{X: low.X - (size-w)/2, Y: low.Y - (size-h)/2}, size
}
