package ink

import "math"

const (
	sub   = 16            // samples of a pixel along each axis
	rows  = Box * sub     // rows of samples in the square
	words = rows / 64     // 64-bit words in a row of samples
	lanes = 64 / sub      // pixels in a word
	full  = sub * sub     // samples in a pixel
	nib   = Pen * sub / 2 // the pen's radius in samples
)

// mask says which of the 320×320 samples of the 20×20 square have ink. Setting
// a sample twice is setting it once, so strokes that cross are not darker
// there, and neither their order nor their direction matters.
type mask [rows][words]uint64

// draw fills r.mask with the strokes in r.points and measures their length.
func (r *Renderer) draw(info *Info) {
	r.mask = mask{}
	start := 0
	for _, end := range r.ends {
		a := r.points[start]
		if end-start == 1 {
			r.mask.line(a, a)
		}
		for _, b := range r.points[start+1 : end] {
			r.mask.line(a, b)
			info.Length += math.Sqrt((b.X-a.X)*(b.X-a.X) + (b.Y-a.Y)*(b.Y-a.Y))
			a = b
		}
		start = end
	}
}

// line inks the samples within half a pen of the segment from a to b (pixels),
// round ends included. Such a shape is convex: in each row of samples it is one
// span, from the leftmost to the rightmost of its two discs and its body.
func (m *mask) line(a, b Point) {
	if b.Y < a.Y || b.Y == a.Y && b.X < a.X {
		a, b = b, a // the same arithmetic, hence the same samples, both ways
	}
	a, b = Point{a.X * sub, a.Y * sub}, Point{b.X * sub, b.Y * sub}
	body := newBody(a, b)
	first := max(0, int(math.Ceil(a.Y-nib-0.5)))
	last := min(rows-1, int(math.Floor(b.Y+nib-0.5)))
	for row := first; row <= last; row++ {
		y := float64(row) + 0.5
		left, right := math.Inf(1), math.Inf(-1)
		if h := nib*nib - (y-a.Y)*(y-a.Y); h >= 0 {
			h = math.Sqrt(h)
			left, right = a.X-h, a.X+h
		}
		if body.long {
			if h := nib*nib - (y-b.Y)*(y-b.Y); h >= 0 {
				h = math.Sqrt(h)
				left, right = lesser(left, b.X-h), greater(right, b.X+h)
			}
			if l, r := body.span(y - a.Y); l <= r {
				left, right = lesser(left, a.X+l), greater(right, a.X+r)
			}
		}
		m.fill(row, left, right)
	}
}

// body is the rectangle between the two discs of a line, relative to its first
// point, in samples. A point (x, y) is inside when it is within the pen of the
// line, |x·dy - y·dx| ≤ reach, and between its ends, 0 ≤ x·dx + y·dy ≤ square.
// Both conditions bound x; they are kept solved for it.
type body struct {
	long           bool // false when both ends are the same for all that can be seen
	level, upright bool // dy or dx is 0, for all that can be seen
	dx, dy         float64
	reach, square  float64

	along, half   float64 // dx/dy and reach/dy: |x - y·along| ≤ half
	across, width float64 // dy/dx and square/dx: x + y·across between 0 and width
}

// unseen is a length in samples too short to matter, and to divide by.
const unseen = 1e-6

func newBody(a, b Point) (r body) {
	r.dx, r.dy = b.X-a.X, b.Y-a.Y // dy ≥ 0
	r.level, r.upright = r.dy < unseen, math.Abs(r.dx) < unseen
	if r.level && r.upright {
		return r
	}
	r.long = true
	r.square = r.dx*r.dx + r.dy*r.dy
	r.reach = nib * math.Sqrt(r.square)
	if !r.level {
		r.along, r.half = r.dx/r.dy, r.reach/r.dy
	}
	if !r.upright {
		r.across, r.width = r.dy/r.dx, r.square/r.dx
	}
	return r
}

// span is the part of the row at height y that lies inside; it is empty when
// the first result is the greater one.
func (b *body) span(y float64) (left, right float64) {
	left, right = y*b.along-b.half, y*b.along+b.half
	if b.level {
		if math.Abs(y*b.dx) > b.reach {
			return 1, 0
		}
		left, right = math.Inf(-1), math.Inf(1)
	}
	switch from := -y * b.across; {
	case b.upright:
		if y < 0 || y*b.dy > b.square {
			return 1, 0
		}
	case b.dx > 0:
		left, right = greater(left, from), lesser(right, from+b.width)
	default:
		left, right = greater(left, from+b.width), lesser(right, from)
	}
	return left, right
}

// In WebAssembly min and max of floats are calls, which see to NaN; no NaN comes here.

func lesser(a, b float64) float64 {
	if b < a {
		return b
	}
	return a
}

func greater(a, b float64) float64 {
	if b > a {
		return b
	}
	return a
}

// fill inks the samples of a row whose middle lies between left and right.
func (m *mask) fill(row int, left, right float64) {
	if !(left <= right) || right < 0 || left > rows {
		return
	}
	first := max(0, int(math.Ceil(left-0.5)))
	last := min(rows-1, int(math.Floor(right-0.5)))
	if first > last {
		return
	}
	from, to := first/64, last/64
	head := ^uint64(0) << (first % 64)
	tail := ^uint64(0) >> (63 - last%64)
	if from == to {
		m[row][from] |= head & tail
		return
	}
	m[row][from] |= head
	for w := from + 1; w < to; w++ {
		m[row][w] = ^uint64(0)
	}
	m[row][to] |= tail
}

// count gives the number of inked samples of each pixel of the square,
// row-major, 0 to 256.
func (m *mask) count() (counts [Box * Box]int32) {
	for py := range Box {
		var sums [words]uint64
		for _, row := range m[py*sub : (py+1)*sub] {
			for w, bits := range row {
				if bits != 0 {
					sums[w] += count16(bits)
				}
			}
		}
		for w, sum := range sums {
			for lane := range lanes {
				counts[py*Box+w*lanes+lane] = int32(sum >> (lane * sub) & 0xffff)
			}
		}
	}
	return counts
}

// count16 counts the bits of each 16-bit quarter of v, into that quarter.
func count16(v uint64) uint64 {
	v -= v >> 1 & 0x5555555555555555
	v = v&0x3333333333333333 + v>>2&0x3333333333333333
	v = (v + v>>4) & 0x0f0f0f0f0f0f0f0f
	return (v + v>>8) & 0x001f001f001f001f
}

// center puts the square into the image so that the centre of mass of the ink
// comes within half a pixel of pixel (14, 14), and notes where that is.
func (m *mask) center(img *Image, info *Info) {
	counts := m.count()
	var sum, sumX, sumY, peak int32
	left, top, right, bottom := Box, Box, 0, 0
	for i, n := range counts {
		if n == 0 {
			continue
		}
		x, y := i%Box, i/Box
		left, right = min(left, x), max(right, x)
		top, bottom = min(top, y), max(bottom, y)
		sum += n
		sumX += n * int32(x)
		sumY += n * int32(y)
		peak = max(peak, n)
	}
	if sum == 0 {
		return
	}
	info.Mass = Point{float64(sumX) / float64(sum), float64(sumY) / float64(sum)}
	info.Left = place(info.Mass.X, left, right)
	info.Top = place(info.Mass.Y, top, bottom)
	info.Offset.X += float64(info.Left)
	info.Offset.Y += float64(info.Top)
	// A dot on the corner of four pixels fills none of them; MNIST's darkest
	// pixel is always black, so the darkest is taken as 1.
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			img[(y+info.Top)*Side+x+info.Left] = float32(counts[y*Box+x]) / float32(peak)
		}
	}
	info.Area = float64(sum) / full
}

// place says at which column (row) of the image the square begins when its
// centre of mass, in pixel indices, is at mass. Ink from column first to last
// stays inside the image, even if it is all at one end.
func place(mass float64, first, last int) int {
	at := int(math.Floor(Side/2 - mass + 0.5))
	return min(max(at, -first), Side-1-last)
}
