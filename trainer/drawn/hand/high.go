package hand

import "math"

var fives = []Form{
	{5, "two strokes", 34, func(p *pen) { x, y := p.neckOfFive(); p.bellyOfFive(x, y); p.barOfFive(0) }},
	{5, "bar apart", 12, func(p *pen) { x, y := p.neckOfFive(); p.bellyOfFive(x, y); p.barOfFive(p.in(0.04, 0.14)) }},
	{5, "one stroke", 28, oneStrokeFive},
	{5, "like s", 12, curvedFive},
	{5, "angular", 8, angularFive},
}

// neckOfFive goes from the top left down to where the belly begins, which it
// returns.
func (p *pen) neckOfFive() (x, y float64) {
	p.joins = false
	top, x := p.in(0.08, 0.4), p.in(0.02, 0.16)
	y = p.in(0.36, 0.52)
	p.from(top, 0)
	p.to(x, y)
	return x, y
}

// bellyOfFive goes on from the neck around to the tail.
func (p *pen) bellyOfFive(x, y float64) {
	right := p.in(0.44, 0.76)
	p.by(x+(right-x)*p.in(0.3, 0.45), y-p.in(0.03, 0.1), right*p.in(0.8, 0.9), y+p.in(0.0, 0.06),
		right, (1+y)/2+p.in(-0.02, 0.06), right*p.in(0.7, 0.8), p.in(0.9, 0.97))
	tail := p.in(-0.12, 0.2)
	p.by(tail+(right-tail)*p.in(0.3, 0.45), p.in(0.97, 1.02), tail, p.in(0.84, 1.04))
}

// barOfFive draws the bar as a stroke of its own, a gap away from the neck.
func (p *pen) barOfFive(gap float64) {
	neck := p.strokes[0][0]
	x, y := neck.X+p.in(-0.04, 0.04)+gap, p.in(-0.05, 0.05)-gap*p.in(-0.2, 0.6)
	if gap == 0 && p.chance(0.3) { // across the neck
		x -= p.in(0.05, 0.2)
	}
	p.from(x, y)
	p.to(neck.X+p.in(0.32, 0.8)+gap, y+p.in(-0.14, 0.06))
}

func oneStrokeFive(p *pen) {
	y := p.in(-0.03, 0.05)
	p.from(p.in(0.5, 0.8), y)
	if p.chance(0.25) {
		p.by(p.in(0.35, 0.42), y+p.in(-0.03, 0.05))
	}
	p.to(p.in(0.12, 0.24), p.in(-0.02, 0.06))
	x, low := p.in(0.05, 0.16), p.in(0.36, 0.5)
	p.to(x, low)
	p.bellyOfFive(x, low)
}

// curvedFive has no corner, but a head and a neck that tell it from an s.
func curvedFive(p *pen) {
	p.from(p.in(0.52, 0.76), p.in(-0.02, 0.06))
	p.by(p.in(0.36, 0.42), p.in(-0.02, 0.05), p.in(0.16, 0.24), p.in(0.04, 0.1), p.in(0.1, 0.18), p.in(0.24, 0.34),
		p.in(0.26, 0.34), p.in(0.4, 0.48))
	right := p.in(0.54, 0.72)
	p.by(right, p.in(0.62, 0.74), right*p.in(0.7, 0.8), p.in(0.9, 0.97), p.in(0.2, 0.3), p.in(0.97, 1.02), p.in(-0.04, 0.1), p.in(0.86, 0.95))
}

// angularFive has a belly of straight lines.
func angularFive(p *pen) {
	p.from(p.in(0.5, 0.75), p.in(-0.03, 0.05))
	p.to(p.in(0.08, 0.18), p.in(-0.02, 0.04))
	p.to(p.in(0.04, 0.14), p.in(0.4, 0.5))
	p.to(p.in(0.5, 0.68), p.in(0.42, 0.54))
	if p.chance(0.5) {
		p.to(p.in(0.5, 0.68), p.in(0.9, 1))
	} else {
		p.by(p.in(0.5, 0.64), p.in(0.76, 0.86))
	}
	p.to(p.in(-0.04, 0.08), p.in(0.94, 1.02))
}

var sixes = []Form{
	{6, "curved", 38, func(p *pen) { bowedSix(p, p.in(0.16, 0.33), p.in(-5, 25)) }},
	{6, "straight", 16, straightSix},
	{6, "small loop", 14, func(p *pen) { p.width = max(p.width, 0.9); bowedSix(p, p.in(0.12, 0.17), p.in(-10, 20)) }},
	{6, "open loop", 14, func(p *pen) { bowedSix(p, p.in(0.16, 0.32), p.in(-60, -20)) }},
	{6, "spiral", 10, func(p *pen) { bowedSix(p, p.in(0.16, 0.32), p.in(20, 80)) }},
	{6, "low head", 8, lowSix},
}

// bowedSix sweeps down from the right and ends in a loop with the given half
// height, over degrees more than closed.
func bowedSix(p *pen, ry, over float64) {
	rx := ry * p.in(0.9, 1.35)
	cx, cy := 0.05+rx, 1-ry
	p.lift()
	if p.chance(0.15) {
		p.by(p.in(0.62, 0.72), p.in(0.06, 0.14))
	}
	p.by(p.in(0.42, 0.68), p.in(-0.02, 0.05), p.in(0.24, 0.32), p.in(0.12, 0.22), p.in(0.06, 0.12), p.in(0.4, 0.48))
	p.closeSix(cx, cy, rx, ry, over)
}

// closeSix draws the loop, from its left side over its foot.
func (p *pen) closeSix(cx, cy, rx, ry, over float64) {
	p.spiral(cx, cy, rx, ry, 175, -160-over, p.in(0.84, 1))
}

func straightSix(p *pen) {
	ry := p.in(0.16, 0.28)
	rx := ry * p.in(0.9, 1.3)
	p.from(p.in(0.3, 0.6), 0)
	p.by(p.in(0.16, 0.24), p.in(0.36, 0.42))
	p.closeSix(0.06+rx, 1-ry, rx, ry, p.in(-20, 25))
}

// lowSix is nearly all loop.
func lowSix(p *pen) {
	ry := p.in(0.27, 0.34)
	rx := ry * p.in(0.8, 1.1)
	p.lift()
	p.by(p.in(0.3, 0.5), p.in(-0.02, 0.04), p.in(0.12, 0.2), p.in(0.22, 0.3))
	p.closeSix(0.04+rx, 1-ry, rx, ry, p.in(-20, 20))
}

var sevens = []Form{
	{7, "plain", 26, func(p *pen) { p.barOfSeven(); p.stemOfSeven() }},
	{7, "crossed", 30, func(p *pen) { p.barOfSeven(); p.stemOfSeven(); p.cross(p.in(0.34, 0.54)) }},
	{7, "round and crossed", 10, roundSeven},
	{7, "serif", 10, func(p *pen) { p.serif(); p.barOfSeven(); p.stemOfSeven() }},
	{7, "serif and crossed", 10, func(p *pen) { p.serif(); p.barOfSeven(); p.stemOfSeven(); p.cross(p.in(0.34, 0.54)) }},
	{7, "wavy bar", 8, func(p *pen) { p.wavyBar(); p.stemOfSeven() }},
	{7, "wavy bar and crossed", 8, func(p *pen) { p.wavyBar(); p.stemOfSeven(); p.cross(p.in(0.34, 0.54)) }},
}

// barOfSeven draws the top bar from left to right.
func (p *pen) barOfSeven() {
	p.width = max(p.width, 0.8)
	if len(p.strokes) == 0 {
		p.lift()
	}
	p.to(p.in(-0.05, 0.14), p.in(-0.02, 0.1))
	if p.chance(0.2) {
		p.by(p.in(0.3, 0.4), p.in(-0.03, 0.05))
	}
	p.to(p.in(0.58, 0.78), p.in(-0.03, 0.08))
}

// roundSeven has a bar that bends into a straight stem, and a cross bar that
// goes beyond the stem, so that it is no three.
func roundSeven(p *pen) {
	p.width = max(p.width, 0.85)
	p.from(p.in(-0.08, 0.1), p.in(0, 0.1))
	p.by(p.in(0.24, 0.34), p.in(-0.02, 0.04), p.in(0.46, 0.56), p.in(0.0, 0.06), p.in(0.58, 0.66), p.in(0.12, 0.18))
	foot := p.in(0.24, 0.48)
	p.by(0.56*0.6+foot*0.4, 0.48)
	p.to(foot, 1)
	p.cross(p.in(0.44, 0.54))
}

// serif is the short downstroke that a seven may begin with; the bar goes on
// from its top.
func (p *pen) serif() {
	p.from(p.in(-0.04, 0.1), p.in(0.16, 0.28))
}

func (p *pen) wavyBar() {
	p.width = max(p.width, 0.85)
	p.from(p.in(-0.02, 0.06), p.in(0.1, 0.2))
	p.by(p.in(0.12, 0.18), p.in(-0.02, 0.04), p.in(0.36, 0.44), p.in(0.04, 0.12))
	p.to(p.in(0.6, 0.78), p.in(-0.03, 0.06))
}

// stemOfSeven goes on from the bar's right end to the foot, straight or bent.
func (p *pen) stemOfSeven() {
	foot := p.in(0.12, 0.42)
	if p.chance(0.5) {
		p.by(p.in(0.36, 0.5)+foot/4, p.in(0.4, 0.55))
	}
	p.to(foot, p.in(0.96, 1.04))
}

// cross draws the bar through the stem, with its middle at x.
func (p *pen) cross(x float64) {
	p.joins = false
	y, tilt := p.in(0.38, 0.68), p.in(-0.1, 0.08)
	half := p.in(0.16, 0.4)
	p.from(x-half, y-tilt)
	p.to(x+half, y+tilt)
}

var eights = []Form{
	{8, "like s", 38, func(p *pen) { p.figure(p.in(-80, -10), p.in(345, 380)) }},
	{8, "open", 14, func(p *pen) { from := p.in(-60, -15); p.figure(from, p.in(308, 340+from)-from) }},
	{8, "tailed", 14, tailedEight},
	{8, "entered", 6, enteredEight},
	{8, "anywhere", 16, func(p *pen) { p.figure(p.in(0, 360), p.in(350, 390)) }},
	{8, "two circles", 14, circledEight},
	{8, "slim", 8, slimEight},
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

// mirror turns the last stroke left to right.
func (p *pen) mirror() {
	for i, k := range p.strokes[len(p.strokes)-1] {
		p.strokes[len(p.strokes)-1][i].X = 0.7 - k.X
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

// enteredEight begins at the left of its waist.
func enteredEight(p *pen) {
	waist, top := p.in(0.4, 0.56), p.in(0.16, 0.28)
	p.lift()
	p.by(0.35-top*p.in(0.6, 2.2), waist*p.in(0.7, 1.1))
	p.doubleLoop(waist, top, p.in(0.18, 0.34), p.in(290, 310), p.in(325, 360))
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

var nines = []Form{
	{9, "straight stem", 30, func(p *pen) { x, y := p.head(p.in(-15, 20)); p.straightTail(x, y) }},
	{9, "curved tail", 34, func(p *pen) { x, y := p.head(p.in(-15, 20)); p.curvedTail(x, y) }},
	{9, "open head", 14, openNine},
	{9, "small head", 10, smallNine},
	{9, "angular", 6, angularNine},
	{9, "like g", 10, hookedNine},
	{9, "stem apart", 6, apartNine},
	{9, "flicked", 3, flickedNine},
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
		p.tilt(0.1+rx, ry, p.in(-40, 15))
	}
	end := p.last()
	return end.X, max(end.Y, ry/2)
}

// tilt turns the last stroke around cx, cy, clockwise by degrees.
func (p *pen) tilt(cx, cy, degrees float64) {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	s := p.strokes[len(p.strokes)-1]
	for i, k := range s {
		x, y := k.X-cx, k.Y-cy
		s[i].X, s[i].Y = cx+x*cos-y*sin, cy+x*sin+y*cos
	}
}

// openHead draws a loop that begins at the top and does not come back there: the
// tail begins beside the gap.
func (p *pen) openHead() (x, y float64) {
	ry := p.in(0.18, 0.3)
	rx := ry * p.in(0.85, 1.3)
	p.lift()
	p.arc(0.1+rx, ry, rx, ry, p.in(-100, -55), p.in(-352, -338))
	return 0.1 + 2*rx, ry * p.in(1, 1.4)
}

// openNine mostly has a curved tail: with a straight one it is near an open four.
func openNine(p *pen) {
	x, y := p.openHead()
	if p.chance(0.8) {
		p.curvedTail(x, y)
	} else {
		p.straightTail(x, y)
	}
}

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
	p.to(x-p.in(-0.05, 0.2)-p.in(0, 0.15), 1)
}

// curvedTail bends to the left.
func (p *pen) curvedTail(x, y float64) {
	if p.chance(0.4) { // flat, with a base like a line
		foot := p.in(0.92, 1.02)
		p.by(x+p.in(-0.04, 0.12), y+p.in(0.2, 0.4), x-p.in(-0.1, 0.08), foot-p.in(0.06, 0.16))
		p.by(x-p.in(0.1, 0.2), foot-p.in(-0.01, 0.02), x-p.in(0.35, 0.85), foot-p.in(-0.03, 0.05))
		return
	}
	p.by(x+p.in(-0.02, 0.06), y+p.in(0.12, 0.22), x-p.in(0.04, 0.16), p.in(0.8, 0.9))
	p.by(x-p.in(0.2, 0.36), p.in(0.96, 1.02), x-p.in(0.38, 0.75), p.in(0.84, 1.02))
}

func smallNine(p *pen) {
	ry := p.in(0.11, 0.17)
	rx := ry * p.in(0.9, 1.6)
	p.lift()
	p.arc(0.2+rx, ry, rx, ry, p.in(-80, 0), p.in(-370, -335))
	p.anyTail(0.2+2*rx, ry)
}

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
