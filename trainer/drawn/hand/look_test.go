package hand

import (
	"math"
	"math/rand/v2"

	"rakam/wasm/ink"
)

// look is what a drawing looks like: how much of its line runs in each of four
// directions in each part of its box, upright and at a usual width, as a vector of
// length 1. Two looks are compared by their product.
type look struct {
	fine   [4 * lookSide * lookSide]float32
	coarse [4 * lookSide * lookSide / 4]float32 // fine in blocks of 2 by 2
	rest   float32                              // the length of what coarse leaves out
	length float32                              // of the line, in sides of the box
	thin   bool                                 // nearly straight, so that it may be a one or is hardly more than a line
}

// lookSide is how many parts a box has from side to side.
const lookSide = 8

// lookOf returns the look of a drawing. It moves the drawing's points.
func lookOf(d ink.Drawing) *look {
	var l look
	l.thin = upright(d)
	b := boxOf(d)
	size := max(b.width(), b.height())
	middle := ink.Point{X: (b.left + b.right) / 2, Y: (b.top + b.bottom) / 2}
	for _, s := range d {
		for i := 1; i < len(s); i++ {
			q := scaled(minus(between(s[i-1], s[i], 0.5), middle), (lookSide-2)/size)
			l.put(q.X+lookSide/2-0.5, q.Y+lookSide/2-0.5, minus(s[i], s[i-1]), distance(s[i-1], s[i])/size)
			l.length += float32(distance(s[i-1], s[i]) / size)
		}
	}
	for i := range 4 * lookSide {
		soften(l.fine[i*lookSide:], 1)
		soften(l.fine[i/lookSide*lookSide*lookSide+i%lookSide:], lookSide)
	}
	l.normalize()
	return &l
}

// put adds a piece of line around x, y.
func (l *look) put(x, y float64, along ink.Point, length float64) {
	turn := 8 + 4*math.Atan2(along.Y, along.X)/math.Pi // opposite directions differ by 4
	x0, y0, d0 := math.Floor(x), math.Floor(y), math.Floor(turn)
	for i := range 8 {
		dx, dy, dd := float64(i&1), float64(i>>1&1), float64(i>>2)
		w := length * (1 - math.Abs(x-x0-dx)) * (1 - math.Abs(y-y0-dy)) * (1 - math.Abs(turn-d0-dd))
		l.fine[(int(d0+dd)%4*lookSide+clampInt(y0+dy))*lookSide+clampInt(x0+dx)] += float32(w)
	}
}

func clampInt(v float64) int { return int(clamp(v, 0, lookSide-1)) }

// upright takes back slant and width, as far as a hand may give them. It says
// whether the drawing was thin.
func upright(d ink.Drawing) (thin bool) {
	const tiny = 1e-6 // for level and upright lines
	var n, x, y, xx, xy, yy float64
	for _, s := range d {
		for i := 1; i < len(s); i++ {
			w, q := distance(s[i-1], s[i]), between(s[i-1], s[i], 0.5)
			n, x, y = n+w, x+w*q.X, y+w*q.Y
			xx, xy, yy = xx+w*q.X*q.X, xy+w*q.X*q.Y, yy+w*q.Y*q.Y
		}
	}
	x, y = x/n, y/n
	xx, xy, yy = max(xx/n-x*x, tiny), xy/n-x*y, max(yy/n-y*y, tiny)
	sum, root := (xx+yy)/2, math.Hypot((xx-yy)/2, xy)
	ratio := (sum - root) / (sum + root)
	thin = ratio < 0.025 || ratio < 0.08 && xx < 2*yy
	shear := clamp(xy/yy, -0.5, 0.5)
	xx = max(xx+shear*(shear*yy-2*xy), tiny)
	wide := clamp(0.6*math.Sqrt(yy/xx), 0.7, 1.4)
	for _, s := range d {
		for i, q := range s {
			s[i].X = wide * (q.X - shear*q.Y)
		}
	}
	return thin
}

// soften averages lookSide values, some stride apart, with their neighbours.
func soften(v []float32, stride int) {
	var before float32
	for i := range lookSide {
		here, after := v[i*stride], float32(0)
		if i+1 < lookSide {
			after = v[(i+1)*stride]
		}
		v[i*stride] = (before + 2*here + after) / 4
		before = here
	}
}

// normalize takes square roots, so that long lines count for less, and sets the rest.
func (l *look) normalize() {
	var sum float32
	for i, v := range l.fine {
		l.fine[i] = float32(math.Sqrt(float64(v)))
		sum += v
	}
	f := 1 / float32(math.Sqrt(float64(sum)))
	rest := float32(1)
	for i := range l.fine {
		l.fine[i] *= f
		l.coarse[i/lookSide/2*(lookSide/2)+i%lookSide/2] += l.fine[i] / 2
	}
	for _, v := range l.coarse {
		rest -= v * v
	}
	l.rest = float32(math.Sqrt(float64(max(0, rest))))
}

// like says whether the product of l with one of all is above the bound. It moves
// that one towards the front, where it is found sooner.
func (l *look) like(all []*look, bound float32) bool {
	for i, o := range all {
		if dot(l.coarse[:], o.coarse[:])+l.rest*o.rest > bound && dot(l.fine[:], o.fine[:]) > bound {
			all[i], all[i/2] = all[i/2], all[i]
			return true
		}
	}
	return false
}

// dot returns the scalar product.
func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	for len(a) >= 4 && len(b) >= 4 {
		s0, s1, s2, s3 = s0+a[0]*b[0], s1+a[1]*b[1], s2+a[2]*b[2], s3+a[3]*b[3]
		a, b = a[4:], b[4:]
	}
	for i := range a {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// lookalikes are shapes that are no form of a digit but may be read as one: digits
// of straight lines, and letters.
var lookalikes = glyphs(
	"5,0 62,0 62,50 5,50 5,100 64,100",            // 2
	"5,0 62,0 5,100 66,100",                       // 2, Z
	"5,5 60,20 10,60 60,96",                       // 2
	"5,0 60,0 24,42 60,60 60,100 5,100",           // 3
	"5,0 60,20 20,48 60,76 5,100",                 // 3
	"5,0 5,50 62,50 | 62,0 62,100",                // 4
	"5,0 36,50 64,0 | 36,50 34,100",               // 4, Y
	"62,0 5,0 5,45 62,45 62,100 5,100",            // 5
	"66,0 20,0 14,45 56,50 5,100",                 // 5
	"62,0 8,0 58,92 5,84",                         // 5
	"8,0 62,0 8,92 66,64",                         // 2
	"62,5 ~34,0 ~8,24 ~34,50 ~60,76 ~34,100 5,95", // 5, S
	"5,0 5,100 62,100 62,50 5,50",                 // 6
	"5,0 ~8,90 ~34,100 ~62,80 ~40,60 ~16,76",      // 6
	"5,0 5,100 ~60,96 ~60,50 5,54",                // 6, b
	"5,0 62,0 62,100",                             // 7
	"0,20 ~40,0 ~62,30 60,100",                    // 7
	"62,50 5,50 5,0 62,0 62,100",                  // 9
	"60,0 ~16,0 ~10,48 60,46 60,0 60,100",         // 9, q
	"5,0 5,100 62,100 62,0 5,0",                   // 0
	"5,0 ~6,70 ~34,100 ~62,70 64,0",               // 0, U
	"8,0 8,100 ~60,92 ~60,8 8,0",                  // 0, D
	"5,0 62,0 5,100 62,100 5,0",                   // 8
	"44,0 44,80 ~30,100 ~6,86",                    // 1, J
	"35,0 35,100",                                 // 1, I
	"50,0 ~26,50 50,100",                          // 1, (
	"20,0 ~44,50 20,100",                          // 1, )
	"0,70 30,0 36,100",                            // 1
)

// digitLooks returns the looks of digits in all forms, and of what may be read as
// digits, by so many hands each.
func digitLooks(hands int) (all []*look) {
	rng := rand.New(rand.NewPCG(2, 0x73796d62))
	for range hands {
		for _, of := range forms {
			for i := range of {
				all = append(all, lookOf(of[i].Draw(rng)))
			}
		}
		for _, g := range lookalikes {
			all = append(all, lookOf(written(func(p *pen) { p.glyph(g) })(rng)))
		}
	}
	return all
}

// keptOut returns the glyphs that a network is not taught.
func keptOut() (all []glyph) {
	for _, of := range tables {
		for _, g := range of.all {
			if g[0].kind == '!' || g[0].kind == '?' {
				all = append(all, g)
			}
		}
	}
	return all
}

// keptLooks returns the looks of the glyphs that are kept out, by many hands.
func keptLooks(hands int) (all []*look) {
	rng := rand.New(rand.NewPCG(3, 0x73796d62))
	for _, g := range keptOut() {
		for range hands {
			all = append(all, lookOf(written(func(p *pen) { p.glyph(g) })(rng)))
		}
	}
	return all
}
