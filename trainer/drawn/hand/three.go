package hand

var threes = []Form{
	{3, "round", 46, roundThree},
	{3, "looped waist", 16, loopedThree},
	{3, "flat top", 16, flatThree},
	{3, "curled tail", 8, func(p *pen) { roundThree(p); p.curl() }},
	{3, "shallow", 10, shallowThree},
	{3, "angular", 11, angularThree},
	{3, "small top", 8, smallThree},
}

// belly is the lower half of a three, from its waist at x, y.
func (p *pen) belly(x, y float64) {
	right := p.in(0.44, 0.78)
	p.by(x+(right-x)*p.in(0.4, 0.65), y+p.in(0.02, 0.07), right, p.in(0.64, 0.8))
	tail := p.in(-0.18, 0.14)
	if p.chance(0.3) { // a flat foot
		p.by(right*p.in(0.8, 0.9), p.in(0.9, 0.96), right*p.in(0.5, 0.65), p.in(0.96, 1))
		p.by(tail, p.in(0.92, 1.05))
		return
	}
	p.by(right*p.in(0.66, 0.76), p.in(0.93, 0.99), tail+(right-tail)*p.in(0.3, 0.4), p.in(0.97, 1.02), tail, p.in(0.8, 0.98))
}

// curl lets a three end with a rising curl.
func (p *pen) curl() {
	end := p.last()
	p.by(end.X-p.in(0.04, 0.08), end.Y-p.in(0.06, 0.1), end.X+p.in(-0.02, 0.12), end.Y-p.in(0.12, 0.22))
}

// forehead is the upper half of a round three, up to where it turns to the
// waist.
func (p *pen) forehead() {
	right := p.in(0.5, 0.7)
	p.lift()
	if p.chance(0.15) { // a curl at the start
		p.by(p.in(0.1, 0.3), p.in(0.2, 0.3))
	}
	p.by(p.in(-0.02, 0.16), p.in(0.04, 0.24), p.in(0.16, 0.24), p.in(0.01, 0.07), p.in(0.34, 0.44), p.in(-0.02, 0.03),
		right, p.in(0.16, 0.27), p.in(0.42, 0.52), p.in(0.38, 0.43))
}

// roundThree has a sharp waist.
func roundThree(p *pen) {
	p.forehead()
	x, y := p.in(0.2, 0.36), p.in(0.44, 0.5)
	p.to(x, y)
	p.belly(x, y)
}

// loopedThree turns at its waist in a small loop.
func loopedThree(p *pen) {
	p.forehead()
	x, y, size := p.in(0.22, 0.34), p.in(0.45, 0.5), p.in(0.5, 1.3)
	p.by(x, y, x-0.09*size, y+0.02, x-0.07*size, y+0.09*size, x+0.02, y+0.06*size)
	p.belly(x, y+0.02*size)
}

// flatThree begins with a straight bar and a diagonal down to its waist.
func flatThree(p *pen) {
	p.from(p.in(0, 0.14), p.in(0, 0.08))
	if p.chance(0.2) {
		p.by(p.in(0.3, 0.4), p.in(-0.02, 0.06))
	}
	p.to(p.in(0.52, 0.7), p.in(-0.01, 0.06))
	x, y := p.in(0.2, 0.36), p.in(0.36, 0.46)
	p.to(x, y)
	p.belly(x, y)
}

// shallowThree hardly has a waist.
func shallowThree(p *pen) {
	p.forehead()
	x, y := p.in(0.34, 0.46), p.in(0.44, 0.52)
	p.by(x, y)
	p.belly(x, y)
}

// angularThree has a flat top with a corner at its right, a narrow belly and a
// small waist, yet one that a seven's stem never has.
func angularThree(p *pen) {
	if p.chance(0.4) {
		p.slant = p.in(0.1, 0.45)
	}
	right := p.in(0.44, 0.62)
	p.from(p.in(0, 0.16), p.in(0.02, 0.14))
	if p.chance(0.5) {
		p.by(p.in(0.24, 0.32), p.in(-0.01, 0.04))
	}
	p.to(right, p.in(-0.01, 0.06))
	x, y := right-p.in(0.12, 0.22), p.in(0.34, 0.44)
	p.to(x, y)
	right = x + p.in(0.1, 0.25)
	p.by(right-0.03, y+p.in(0.06, 0.1), right, p.in(0.62, 0.72), right-p.in(0.06, 0.12), p.in(0.84, 0.9))
	p.by(p.in(-0.02, 0.16), p.in(0.94, 1.02))
}

// smallThree has a narrow head and a large belly. The head is never closed: that
// would be a nine.
func smallThree(p *pen) {
	right, y := p.in(0.36, 0.5), p.in(0.3, 0.4)
	p.lift()
	p.by(p.in(0.08, 0.18), p.in(0.06, 0.14), p.in(0.24, 0.3), p.in(-0.02, 0.03), right, y*p.in(0.35, 0.55))
	x := p.in(0.18, 0.28)
	p.to(x, y)
	p.belly(x, y)
}
