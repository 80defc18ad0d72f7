package hand

var zeros = []Form{
	{0, "closed", 30, func(p *pen) { p.oval(p.in(0.22, 0.46), p.in(-10, 25)) }},
	{0, "open", 14, func(p *pen) { p.oval(p.in(0.22, 0.42), p.in(-35, -10)) }},
	{0, "overlapping", 14, func(p *pen) { p.oval(p.in(0.22, 0.45), p.in(25, 75+p.in(0, 120))) }},
	{0, "narrow", 7, func(p *pen) { p.width = max(p.width, 0.8); p.oval(p.in(0.15, 0.22), p.in(-5, 30)) }},
	{0, "wide", 6, func(p *pen) { p.width = 1; p.oval(p.in(0.5, 0.95), p.in(-30, 60)) }},
	{0, "curled", 8, curledZero},
	{0, "with an entry", 8, enteredZero},
	{0, "crossed ends", 8, knottedZero},
	{0, "overrun", 8, overrunZero},
	{0, "rolled in", 6, rolledZero},
	{0, "slashed", 20, func(p *pen) { slashedZero(p, 1) }},
	{0, "slashed back", 3, func(p *pen) { slashedZero(p, -1) }},
	{0, "dotted", 4, dottedZero},
}

// oval draws a zero that begins near its top, in either direction, and goes on
// beyond its beginning by some degrees, or ends as many short of it.
func (p *pen) oval(rx, over float64) {
	p.lift()
	turn := 360 + over
	if p.chance(0.75) {
		turn = -turn
	}
	start := p.in(-120, -40)
	if p.chance(0.1) {
		start = p.in(0, 360)
	}
	p.spiral(0.35, 0.5, rx, 0.5, start, start+turn, p.in(0.86, 1.08))
}

// curledZero ends with a curl into or above the oval, as a quick pen does.
func curledZero(p *pen) {
	rx := p.in(0.24, 0.42)
	p.lift()
	start := p.in(-110, -70)
	p.arc(0.35, 0.5, rx, 0.5, start, start-p.in(330, 365))
	if p.chance(0.6) {
		p.by(0.35-rx*p.in(0, 0.5), p.in(0.04, 0.16), 0.35-rx*p.in(0.5, 0.8), p.in(0.1, 0.2))
	} else {
		p.by(0.35+rx*p.in(0.5, 0.8), p.in(-0.05, 0.04), 0.35+rx*p.in(0.9, 1.3), p.in(-0.1, 0.03))
	}
}

// enteredZero begins with a short stroke from outside, or from inside, into the
// oval.
func enteredZero(p *pen) {
	rx := p.in(0.26, 0.46)
	p.lift()
	if p.chance(0.7) {
		p.by(0.35-rx*p.in(0.6, 1.3), p.in(-0.02, 0.2))
		p.arc(0.35, 0.5, rx, 0.5, -100, p.in(220, 275))
		return
	}
	p.by(0.35+rx*p.in(-0.3, 0.5), p.in(0.12, 0.35))
	p.arc(0.35, 0.5, rx, 0.5, p.in(-150, -110), p.in(-480, -440))
}

// knottedZero has ends that cross above the oval.
func knottedZero(p *pen) {
	rx, out := p.in(0.18, 0.46), p.in(0.01, 0.26)
	p.lift()
	p.by(0.35+out, -out*p.in(0.6, 1.4))
	p.by(0.35-out*p.in(0, 0.5), p.in(0.02, 0.1))
	p.arc(0.35, 0.54, rx, 0.46, 215, -35)
	p.by(0.35+out*p.in(0, 0.5), p.in(0.02, 0.1), 0.35-out, -out*p.in(0.3, 1.2))
}

// slashedZero is struck through once, rising to the right when side is 1 and
// falling when it is -1; the stroke may stay inside or reach beyond.
func slashedZero(p *pen, side float64) {
	p.width = max(p.width, 0.85)
	rx := p.in(0.27, 0.46)
	p.oval(rx, p.in(-10, 25))
	reach := p.in(0.6, 1.25) // 1 touches the oval
	half := rx * reach * p.in(0.55, 0.95)
	rise := reach * p.in(0.26, 0.48)
	if p.chance(0.8) {
		p.lift()
	}
	x, y := 0.35+p.in(-0.04, 0.04), 0.5+p.in(-0.05, 0.05)
	p.to(x+side*half, y-rise)
	p.to(x-side*half, y+rise)
}

// dottedZero has a point or a short stroke in its middle.
func dottedZero(p *pen) {
	p.width = max(p.width, 0.85)
	p.joins = false
	p.oval(p.in(0.28, 0.45), p.in(-10, 25))
	x, y := 0.35+p.in(-0.05, 0.05), 0.5+p.in(-0.08, 0.08)
	p.from(x, y)
	p.to(x+p.in(-0.05, 0.05), y+p.in(0, 0.1))
}

// overrunZero begins above the oval at one side and ends where it meets its
// beginning, or a little short of it. What sticks out is too short for a six.
func overrunZero(p *pen) {
	rx, y := p.in(0.24, 0.44), p.in(0.05, 0.16)
	p.width = max(p.width, 0.85)
	p.lift()
	p.by(0.35-rx*p.in(0.3, 1), p.in(-0.02, 0.02))
	p.arc(0.35, 0.55, rx, 0.45, 195, -40)
	p.by(0.35+rx*p.in(0.1, 0.4), y*p.in(0.9, 1.2), 0.35-rx*p.in(0.4, 0.9), y+p.in(0, 0.1))
	if p.chance(0.3) {
		p.mirror()
	}
}

// rolledZero goes on inside the oval as a spiral.
func rolledZero(p *pen) {
	rx := p.in(0.35, 0.62)
	start, side := p.in(-140, -40), 1.0
	if p.chance(0.75) {
		side = -1
	}
	p.width = max(p.width, 0.9)
	p.lift()
	p.spiral(0.35, 0.5, rx, 0.5, start, start+side*340, 0.95)
	p.spiral(0.35, 0.5, 0.9*rx, 0.44, start+side*365, start+side*p.in(420, 530), p.in(0.5, 0.8))
}
