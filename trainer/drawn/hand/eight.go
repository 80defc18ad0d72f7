package hand

import "math"

var eights = []Form{
	{8, "like s", 38, func(p *pen) { p.figure(p.in(-80, -10), p.in(345, 380)) }},
	{8, "open", 14, func(p *pen) { from := p.in(-60, -15); p.figure(from, p.in(308, 340+from)-from) }},
	{8, "tailed", 14, tailedEight},
	{8, "entered", 9, enteredEight},
	{8, "anywhere", 16, func(p *pen) { p.figure(p.in(0, 360), p.in(350, 390)) }},
	{8, "two circles", 14, circledEight},
	{8, "slim", 8, slimEight},
	{8, "horned", 6, hornedEight},
	{8, "unclosed", 12, unclosedEight},
	{8, "very slim", 9, verySlimEight},
	{8, "leaning", 9, leaningEight},
}

// figure draws an eight in one stroke: down over the S and up again, or its
// mirror image. Angles are those of doubleLoop.
func (p *pen) figure(start, turn float64) {
	p.lift()
	p.doubleLoop(p.in(0.36, 0.58), p.in(0.15, 0.34), p.in(0.16, 0.38), start, turn)
	if p.chance(0.25) {
		p.mirror()
	}
}

// tailedEight begins far out at the right, or ends there: the stroke that comes
// up from the waist crosses its beginning or misses it.
func tailedEight(p *pen) {
	waist, top, foot := p.in(0.4, 0.56), p.in(0.16, 0.28), p.in(0.18, 0.34)
	p.lift()
	if p.chance(0.5) {
		p.by(0.35+top*p.in(1, 2), p.in(-0.02, 0.12))
		p.doubleLoop(waist, top, foot, p.in(-15, 10), 285)
	} else {
		p.doubleLoop(waist, top, foot, p.in(-60, -20), 310)
	}
	p.by(0.35+top*p.in(0.7, 2.2), waist*p.in(0.1, 0.95))
	if p.chance(0.3) {
		p.mirror()
	}
}

// enteredEight begins at its waist and goes up; it has a tail at the side there,
// at its beginning or its end.
func enteredEight(p *pen) {
	waist, top := p.in(0.4, 0.56), p.in(0.16, 0.28)
	p.lift()
	if p.chance(0.3) {
		p.by(0.35-top*p.in(0.6, 2.2), waist*p.in(0.7, 1.1))
		p.doubleLoop(waist, top, p.in(0.18, 0.34), p.in(290, 310), p.in(325, 360))
		return
	}
	p.doubleLoop(waist, top, p.in(0.1, 0.3), p.in(285, 315), 340)
	p.by(0.35+top*p.in(0.4, 2), waist*p.in(0.7, 1.05))
	if p.chance(0.65) {
		p.mirror()
	}
}

// doubleLoop draws the two loops of an eight, crossing at the waist, with the
// half widths top and foot, through the angles from start on: 0 is the top, 90
// the waist on the way down, 180 the foot, 270 the waist on the way up.
func (p *pen) doubleLoop(waist, top, foot, start, turn float64) {
	n := int(math.Ceil(turn / 24))
	for i := range n + 1 {
		a := (start + turn*float64(i)/float64(n)) * math.Pi / 180
		sin, cos := math.Sincos(a)
		half, y := top, waist*(1-cos)
		if cos < 0 {
			half, y = foot, waist+(1-waist)*-cos
		}
		p.add(0.35-half*2*sin*cos, y, p.tremble/2, false)
	}
}

// circledEight is made of two circles, one above the other.
func circledEight(p *pen) {
	waist := p.in(0.38, 0.52) + p.in(-0.03, 0.04)
	over := p.in(-15, 25)
	up, down := 360.0, 360.0
	if p.chance(0.5) {
		up = -up
	}
	if p.chance(0.5) {
		down = -down
	}
	start := p.in(-120, 90)
	p.lift()
	p.arc(0.35, waist/2, p.in(0.16, 0.3), waist/2, start, start+up+over)
	if p.chance(0.7) {
		p.lift()
	}
	low := (1 - waist) / 2
	start = p.in(-120, -60)
	p.arc(0.35+p.in(-0.05, 0.05), 1-low, p.in(0.2, 0.36), low*p.in(0.95, 1.08), start, start+down+over)
}

// slimEight has straight crossing lines.
func slimEight(p *pen) {
	w := p.in(0.14, 0.26)
	p.lift()
	p.by(0.35+w, p.in(0.1, 0.2), 0.35, p.in(-0.02, 0.03), 0.35-w, p.in(0.12, 0.2))
	p.by(0.35+w, p.in(0.78, 0.86), 0.35, p.in(0.98, 1.02), 0.35-w, p.in(0.78, 0.88))
	p.by(0.35+w+p.in(-0.04, 0.06), p.in(0.1, 0.22))
}

// hornedEight has ends that cross above it.
func hornedEight(p *pen) {
	waist, top := p.in(0.38, 0.54), p.in(0.14, 0.28)
	from := p.in(5, 25)
	p.lift()
	p.by(0.35+top*p.in(0.4, 1.4), p.in(-0.1, 0.06))
	p.doubleLoop(waist, top, p.in(0.18, 0.34), from, p.in(325, 342)-from)
	p.by(0.35-top*p.in(0.1, 1.2), p.in(-0.12, 0.04))
	if p.chance(0.5) {
		p.mirror()
	}
}

// unclosedEight begins at one side, often with a horn, and after its lower loop
// runs out to that side at the waist or a little above, so that the upper loop
// stays open there.
func unclosedEight(p *pen) {
	if p.chance(0.4) {
		p.slant = p.in(0.1, 0.45)
	}
	p.width = max(p.width, 0.85)
	waist, top, foot := p.in(0.42, 0.54), p.in(0.11, 0.22), p.in(0.1, 0.26)
	out := p.in(0.1, 0.42)
	if p.chance(0.25) { // a wide head on a narrow foot
		waist, top, foot, out = p.in(0.5, 0.6), p.in(0.2, 0.28), p.in(0.08, 0.13), min(out, 0.25)
	}
	from := p.in(-75, -40)
	p.lift()
	if p.chance(0.2) {
		p.by(0.35+top*p.in(1.1, 1.9), p.in(0, 0.14))
		from = p.in(-40, -20)
	}
	p.doubleLoop(waist, top, foot, from, p.in(262, 285)-from)
	p.by(0.35+out, waist*p.in(0.75, 1.05))
	if p.chance(0.65) {
		p.mirror()
	}
}

// verySlimEight has loops that are nearly filled, mostly slanted.
func verySlimEight(p *pen) {
	if p.chance(0.6) {
		p.slant = p.in(0.2, 0.6)
	}
	p.width = max(p.width, 0.9)
	p.lift()
	p.doubleLoop(p.in(0.4, 0.56), p.in(0.11, 0.18), p.in(0.09, 0.17), p.in(-70, 0), p.in(325, 375))
	if p.chance(0.3) {
		p.mirror()
	}
}

// leaningEight is slanted and begins at the side of its upper loop: straight down,
// round a narrow foot, straight up again and over the top back to its beginning,
// which it may miss.
func leaningEight(p *pen) {
	p.slant, p.width = p.in(0.15, 0.55), max(p.width, 0.85)
	from := p.in(25, 55)
	p.lift()
	p.doubleLoop(p.in(0.5, 0.62), p.in(0.16, 0.26), p.in(0.08, 0.14), from, p.in(350, 390)-from)
}
