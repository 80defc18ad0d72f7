package hand

var nines = []Form{
	{9, "straight stem", 30, func(p *pen) { x, y := p.head(p.in(-15, 20)); p.straightTail(x, y) }},
	{9, "curved tail", 34, func(p *pen) { x, y := p.head(p.in(-15, 20)); p.curvedTail(x, y) }},
	{9, "open head", 14, openNine},
	{9, "small head", 12, smallNine},
	{9, "tilted head", 10, tiltedNine},
	{9, "angular", 6, angularNine},
	{9, "like g", 10, hookedNine},
	{9, "stem apart", 6, apartNine},
	{9, "flicked", 3, flickedNine},
	{9, "bellied", 16, belliedNine},
	{9, "slanted", 14, slantedNine},
	{9, "on an s", 12, serpentNine},
	{9, "tail from below", 12, lowTailNine},
	{9, "entered from below", 8, enteredNine},
}

// head draws a nine's loop, counterclockwise from its right, closed over by
// some degrees, and returns where the tail begins.
func (p *pen) head(over float64) (x, y float64) {
	ry := p.in(0.16, 0.32)
	rx := ry * p.in(0.8, 1.35)
	p.lift()
	start := p.in(-65, -15)
	if p.chance(0.15) { // from outside
		p.by(0.1+rx*p.in(1.9, 2.25), p.in(0, 0.12))
		start = p.in(-80, -50)
	}
	p.spiral(0.1+rx, ry, rx, ry, start, -360-max(over, -5), p.in(0.9, 1.05))
	if p.chance(0.4) {
		p.tilt(0.1+rx, ry, p.in(-30, 10))
	}
	return min(p.rightmost(), 0.1+2.1*rx), max(p.last().Y, ry/2)
}

// openHead draws a loop that begins at the top and does not come back there: the
// tail begins beside the gap.
func (p *pen) openHead() (x, y float64) {
	ry := p.in(0.18, 0.3)
	rx := ry * p.in(0.85, 1.3)
	p.lift()
	p.arc(0.1+rx, ry, rx, ry, p.in(-90, -50), p.in(-354, -340))
	return 0.1 + 2*rx, ry * p.in(1, 1.4)
}

// openNine mostly has a curved tail: with a straight one it is near an open four.
func openNine(p *pen) {
	x, y := p.openHead()
	if p.chance(0.92) {
		p.curvedTail(x, y)
	} else {
		p.straightTail(x, y)
	}
}

// anyTail is straight or curved, one as likely as the other.
func (p *pen) anyTail(x, y float64) {
	if p.chance(0.5) {
		p.straightTail(x, y)
	} else {
		p.curvedTail(x, y)
	}
}

// straightTail goes up to the head's right shoulder and straight down.
func (p *pen) straightTail(x, y float64) {
	if p.chance(0.7) {
		p.to(x+p.in(-0.02, 0.05), y*p.in(0.2, 0.7))
	}
	lean := p.in(-0.05, 0.2) + p.in(0, 0.15)
	if lean > 0.1 { // past the head first, not through it
		p.by(x-p.in(0, 0.04), y+0.22)
	}
	p.to(x-lean, 1)
}

// curvedTail bends to the left.
func (p *pen) curvedTail(x, y float64) {
	if p.chance(0.5) { // flat, with a base like a line
		foot := p.in(0.92, 1.02)
		out := p.in(-0.1, 0.2)
		p.by(x+p.in(-0.04, 0.04)+out/2, y+p.in(0.2, 0.4), x+out, foot-p.in(0.06, 0.16))
		p.by(x-p.in(0.1, 0.2), foot-p.in(-0.01, 0.02), x-p.in(0.35, 0.85), foot-p.in(-0.03, 0.05))
		return
	}
	p.by(x+p.in(-0.02, 0.06), y+p.in(0.12, 0.22), x-p.in(0.04, 0.16), p.in(0.8, 0.9))
	p.by(x-p.in(0.2, 0.36), p.in(0.96, 1.02), x-p.in(0.38, 0.75), p.in(0.84, 1.02))
}

// smallNine has a head so small that it hardly shows its hole.
func smallNine(p *pen) {
	ry := p.in(0.11, 0.17)
	rx := ry * p.in(0.9, 1.6)
	p.lift()
	p.arc(0.2+rx, ry, rx, ry, p.in(-80, 0), p.in(-370, -335))
	p.anyTail(0.2+2*rx, ry)
}

// tiltedNine has a flat head that rises to the right, and a tail down to the
// left.
func tiltedNine(p *pen) {
	ry := p.in(0.13, 0.2)
	rx := ry * p.in(1.3, 2.1)
	p.lift()
	p.spiral(0.1+rx, ry, rx, ry, p.in(-60, 0), p.in(-385, -355), p.in(0.9, 1.1))
	p.tilt(0.1+rx, ry, p.in(-40, -12))
	x, y := p.rightmost(), p.last().Y
	if p.chance(0.3) {
		p.curvedTail(x, y)
		return
	}
	p.by(x-p.in(0, 0.05), 2*ry+p.in(0.02, 0.15)) // past the head, not through it
	p.to(x-p.in(0.05, 0.45), 1)
}

// angularNine has a head of straight lines, pointed at the left.
func angularNine(p *pen) {
	x := p.in(0.5, 0.64)
	p.from(x, p.in(0.02, 0.12))
	p.by(p.in(0.26, 0.36), p.in(-0.02, 0.06))
	p.to(p.in(0.02, 0.1), p.in(0.2, 0.34))
	p.by(p.in(0.2, 0.32), p.in(0.4, 0.48))
	p.to(x, p.in(0.1, 0.28))
	p.to(x+p.in(-0.14, 0.05), 1)
}

// hookedNine has a tail that comes up again at the left.
func hookedNine(p *pen) {
	x, y := p.head(p.in(-5, 20))
	p.by(x+p.in(-0.02, 0.03), y+p.in(0.2, 0.3), x-p.in(0.04, 0.1), p.in(0.86, 0.93))
	p.by(x-p.in(0.2, 0.3), p.in(0.98, 1.03), x-p.in(0.42, 0.55), p.in(0.9, 0.96), x-p.in(0.48, 0.62), p.in(0.76, 0.88))
}

// apartNine has a stem of its own beside the loop.
func apartNine(p *pen) {
	x, y := p.head(p.in(-10, 20))
	p.from(x+p.in(-0.04, 0.05), y*p.in(-0.1, 0.6))
	if p.chance(0.4) {
		p.by(x+p.in(-0.03, 0.03), p.in(0.5, 0.65))
	}
	p.to(x+p.in(-0.16, 0.06), 1)
}

// flickedNine ends with a short flick to the right.
func flickedNine(p *pen) {
	x, y := p.head(p.in(-10, 20))
	p.by(x, y+0.2, x-p.in(0, 0.08), p.in(0.88, 0.95), x+p.in(0.03, 0.14), p.in(0.94, 1))
}

// belliedNine has a small head, nearly filled or quite, on a tail that swells to
// the right and runs out far to the left: a three whose top is closed.
func belliedNine(p *pen) {
	ry := p.in(0.11, 0.2)
	rx := ry * p.in(0.8, 1.5)
	p.lift()
	start := p.in(-70, 10)
	p.arc(0.12+rx, ry, rx, ry, start, min(p.in(-380, -310), start-345))
	x, low := 0.12+2*rx, 2*ry
	swell := x + p.in(-0.02, 0.16)
	p.by(x+(swell-x)*p.in(0.3, 0.6), low+p.in(0.04, 0.14), swell, p.in(0.64, 0.76))
	p.by(swell-p.in(0.06, 0.14), p.in(0.9, 0.96), x-p.in(0.1, 0.22), p.in(0.97, 1.02))
	x -= p.in(0.3, 0.6)
	p.by(x, p.in(0.92, 1.04))
	if p.chance(0.3) { // forward again
		p.by(x-p.in(0, 0.05), p.in(0.8, 0.88))
	}
}

// slantedNine leans far and has a flat head, which rises to where the tail
// begins.
func slantedNine(p *pen) {
	p.slant = p.in(0.3, 0.65)
	ry := p.in(0.1, 0.16)
	rx := ry * p.in(1.3, 2.2)
	p.lift()
	p.spiral(0.1+rx, ry+0.03, rx, ry, p.in(-60, 0), p.in(-375, -335), p.in(0.9, 1.1))
	p.tilt(0.1+rx, ry, p.in(-25, 0))
	x := p.rightmost()
	p.to(x+p.in(0, 0.07), p.in(-0.03, 0.06))
	p.by(x+p.in(-0.06, 0.03), 2*ry+p.in(0.1, 0.25))
	foot := x - p.in(0, 0.25)
	if p.chance(0.4) {
		p.by(foot, p.in(0.82, 0.9), foot-p.in(0.08, 0.2), p.in(0.96, 1.02))
		return
	}
	p.to(foot, 1)
}

// serpentNine has a closed head whose end runs down through it, from its upper
// left, into a tail that swells to the right: an s with a head.
func serpentNine(p *pen) {
	ry := p.in(0.13, 0.2)
	rx := ry * p.in(0.8, 1.4)
	cx := p.in(0.26, 0.36)
	start := p.in(-135, -85)
	p.lift()
	if p.chance(0.5) {
		p.spiral(cx, ry, rx, ry, start, start+p.in(335, 370), p.in(0.95, 1.1))
	} else { // begun inside
		p.spiral(cx, ry, 0.6*rx, 0.6*ry, start, p.in(-500, -465), 1.65)
	}
	swell := cx + rx + p.in(0.02, 0.24)
	p.by(cx+rx*p.in(0.5, 0.9), 2*ry+p.in(0, 0.08), swell, p.in(0.6, 0.76))
	p.by(swell-p.in(0.08, 0.16), p.in(0.9, 0.96), swell-p.in(0.22, 0.34), p.in(0.96, 1.01), cx-p.in(-0.1, 0.4), p.in(0.96, 1.03))
}

// lowTailNine has a round head that begins inside at its lower right and goes
// counterclockwise until it has passed its bottom; the tail bends down from there.
func lowTailNine(p *pen) {
	ry := p.in(0.17, 0.28)
	rx := ry * p.in(0.75, 1.2)
	cx := 0.1 + rx
	p.lift()
	p.arc(cx, ry, rx, ry, p.in(40, 85), p.in(-268, -245))
	x := cx + rx*p.in(0.6, 1.05)
	p.by(x, 2*ry+p.in(0.08, 0.2))
	p.by(x+p.in(-0.04, 0.04), p.in(0.74, 0.84), x-p.in(-0.02, 0.16), p.in(0.97, 1.03))
}

// enteredNine begins beyond its stem, goes left below the head and clockwise
// around it. The head is round: a pointed one would be near a four.
func enteredNine(p *pen) {
	ry := p.in(0.17, 0.27)
	rx := ry * p.in(0.8, 1.15)
	cx := 0.1 + rx
	p.lift()
	p.by(cx+rx*p.in(1.15, 1.9), 2*ry-p.in(0, 0.08))
	p.arc(cx, ry, rx, ry, p.in(80, 105), p.in(335, 370))
	if p.chance(0.7) {
		p.curvedTail(cx+rx, ry)
	} else {
		p.straightTail(cx+rx, ry)
	}
}
