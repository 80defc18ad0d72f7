package ink

import "math"

const (
	// An extent below tiny can't be divided by without overflow, and one that
	// is below noise of its distance from the origin is what rounding left of
	// a point drawn twice: both are a dot.
	tiny  = 1e-300
	noise = 1e-13

	// near is the distance in pixels within which a crowded drawing's points
	// are one: half of what the mask resolves.
	near = 1.0 / 32
)

// collect copies the finite points of the drawing into r.points.
func (r *Renderer) collect(d Drawing) Info {
	r.points, r.ends = r.points[:0], r.ends[:0]
	info := Info{
		Min: Point{math.Inf(1), math.Inf(1)},
		Max: Point{math.Inf(-1), math.Inf(-1)},
	}
	for _, stroke := range d {
		before := len(r.points)
		for _, p := range stroke {
			// p-p is 0 for finite numbers only.
			if p.X-p.X != 0 || p.Y-p.Y != 0 {
				info.Dropped++
				continue
			}
			info.Min = Point{min(info.Min.X, p.X), min(info.Min.Y, p.Y)}
			info.Max = Point{max(info.Max.X, p.X), max(info.Max.Y, p.Y)}
			r.points = append(r.points, p)
		}
		if len(r.points) > before {
			r.ends = append(r.ends, len(r.points))
		}
	}
	if len(r.points) == 0 {
		return Info{Blank: true, Dropped: info.Dropped}
	}
	info.Strokes, info.Points = len(r.ends), len(r.points)
	return info
}

// fit moves r.points from the drawing's unit into the 20×20 square, where the
// longer side of the ink, pen included, fills the square and the shorter one
// lies in its middle, as in MNIST's square crops.
func (r *Renderer) fit(info *Info) {
	// Halves first: the difference of two huge coordinates may overflow.
	mid := Point{info.Min.X/2 + info.Max.X/2, info.Min.Y/2 + info.Max.Y/2}
	half := Point{info.Max.X/2 - info.Min.X/2, info.Max.Y/2 - info.Min.Y/2}
	info.Scale = scale(half, mid, r.Least/2)
	for i, p := range r.points {
		r.points[i] = Point{
			Box/2 + (p.X-mid.X)*info.Scale,
			Box/2 + (p.Y-mid.Y)*info.Scale,
		}
	}
	info.Width = 2*(half.X*info.Scale) + Pen // in this order: twice half may overflow
	info.Height = 2*(half.Y*info.Scale) + Pen
	info.Offset = Point{Box/2 - mid.X*info.Scale, Box/2 - mid.Y*info.Scale}
}

// scale is how many pixels a unit becomes, for a drawing of the given half
// extents around mid; least is half of Renderer.Least.
func scale(half, mid Point, least float64) float64 {
	longer := max(half.X, half.Y)
	away := max(math.Abs(mid.X), math.Abs(mid.Y))
	if longer < noise*away {
		return 0
	}
	if least > 0 && !math.IsInf(least, 1) { // false for NaN too
		longer = max(longer, least)
	}
	if longer < tiny {
		return 0
	}
	return (Box - Pen) / 2 / longer
}

// thin leaves out points of a drawing that has more than an image can show:
// first those that repeat the one before, then, if need be, evenly across the
// drawing, but for the ends of strokes.
func (r *Renderer) thin(info *Info) {
	if len(r.points) <= maxPoints {
		return
	}
	r.filter(func(i int, kept Point) bool {
		p := r.points[i]
		return math.Abs(p.X-kept.X) > near || math.Abs(p.Y-kept.Y) > near
	})
	if every := (len(r.points) + maxPoints - 1) / maxPoints; every > 1 {
		r.filter(func(i int, _ Point) bool { return i%every == 0 })
	}
	if every := (len(r.ends) + maxPoints - 1) / maxPoints; every > 1 {
		r.skipStrokes(every)
	}
	info.Thinned = info.Points - len(r.points)
	info.Strokes, info.Points = len(r.ends), len(r.points)
}

// filter keeps the first and the last point of each stroke and of the others
// those that keep says; kept is the point kept before.
func (r *Renderer) filter(keep func(i int, kept Point) bool) {
	n, start := 0, 0
	for s, end := range r.ends {
		for i := start; i < end; i++ {
			if i == start || i == end-1 || keep(i, r.points[n-1]) {
				r.points[n] = r.points[i]
				n++
			}
		}
		start, r.ends[s] = end, n
	}
	r.points = r.points[:n]
}

// skipStrokes keeps one stroke in every so many.
func (r *Renderer) skipStrokes(every int) {
	n, strokes, start := 0, 0, 0
	for s, end := range r.ends {
		if s%every == 0 {
			n += copy(r.points[n:], r.points[start:end])
			r.ends[strokes] = n
			strokes++
		}
		start = end
	}
	r.points, r.ends = r.points[:n], r.ends[:strokes]
}
