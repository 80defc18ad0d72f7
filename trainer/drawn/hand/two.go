package hand

var twos = []Form{
	{2, "round with straight base", 34, func(p *pen) { p.neck(); p.to(p.in(0, 0.12), p.in(0.93, 1)); p.base() }},
	{2, "looped", 26, loopedTwo},
	{2, "angular", 8, angularTwo},
	{2, "curled base", 14, func(p *pen) {
		p.neck()
		p.to(p.in(0, 0.1), p.in(0.92, 0.98))
		p.by(p.in(0.2, 0.3), p.in(0.84, 0.92), p.in(0.42, 0.55), p.in(0.95, 1), p.in(0.7, 0.9), p.in(0.82, 0.98))
	}},
	{2, "swan", 10, swanTwo},
	{2, "round foot", 8, func(p *pen) {
		p.neck()
		p.by(p.in(0.02, 0.12), p.in(0.85, 0.92), p.in(0.14, 0.25), p.in(0.95, 1.0), p.in(0.7, 0.95), p.in(0.9, 1.02))
	}},
}

// neck draws the head of a two and its way down towards the left foot.
func (p *pen) neck() {
	top, right := p.in(-0.02, 0.04), p.in(0.5, 0.74)
	if p.chance(0.15) {
		p.width *= p.in(0.6, 0.8)
	}
	p.lift()
	if p.chance(0.2) { // a curl at the start
		p.by(p.in(0.08, 0.24), p.in(0.22, 0.36))
	}
	p.by(p.in(0.0, 0.16), p.in(0.14, 0.32))
	p.by(p.in(0.14, 0.24), top+p.in(0.04, 0.1), p.in(0.33, 0.42), top, right*p.in(0.82, 0.9), top+p.in(0.05, 0.12),
		right, p.in(0.2, 0.34), right*p.in(0.78, 0.88), p.in(0.44, 0.56), right*p.in(0.4, 0.52), p.in(0.7, 0.78))
}

// base draws a two's straight base.
func (p *pen) base() {
	tilt := p.in(-0.07, 0.05)
	if p.chance(0.3) {
		p.by(p.in(0.3, 0.45), 0.98+tilt/2+p.in(-0.04, 0.03))
	}
	p.to(p.in(0.42, 0.98), 0.98+tilt)
}

// loopedTwo turns at its foot in a loop.
func loopedTwo(p *pen) {
	p.neck()
	size := p.in(0.5, 1.3)
	x, y := p.in(0.1, 0.2), p.in(0.86, 0.94)
	p.by(x, y+0.05*size, x-0.12*size, y+0.03*size, x-0.1*size, y-0.07*size, x+0.05*size, y-0.08*size)
	p.by(p.in(0.36, 0.5), p.in(0.9, 0.98), p.in(0.62, 0.72), p.in(0.94, 1.02), p.in(0.78, 0.98), p.in(0.84, 0.98))
}

// angularTwo has a flat head and a straight way down, but no corner at the top
// right: with one it were the letter Z.
func angularTwo(p *pen) {
	p.from(p.in(0, 0.12), p.in(0.1, 0.22))
	p.by(p.in(0.2, 0.34), p.in(0, 0.05), p.in(0.45, 0.58), p.in(0, 0.06), p.in(0.6, 0.68), p.in(0.14, 0.26))
	p.by(p.in(0.38, 0.46), p.in(0.5, 0.6))
	p.to(p.in(0, 0.1), p.in(0.94, 1))
	p.base()
}

// swanTwo has a deep neck and a base that rises at its end.
func swanTwo(p *pen) {
	p.lift()
	p.by(p.in(0.1, 0.2), p.in(0.2, 0.3), p.in(0.16, 0.24), p.in(0.06, 0.12), p.in(0.36, 0.44), p.in(-0.02, 0.03),
		p.in(0.54, 0.64), p.in(0.1, 0.18), p.in(0.5, 0.6), p.in(0.34, 0.44), p.in(0.28, 0.36), p.in(0.62, 0.72))
	p.to(p.in(0, 0.12), p.in(0.9, 0.98))
	p.by(p.in(0.3, 0.4), p.in(0.94, 1.02), p.in(0.6, 0.75), p.in(0.92, 1), p.in(0.82, 0.98), p.in(0.72, 0.88))
}
