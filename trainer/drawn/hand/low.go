package hand

var zeros = []Form{
	{0, "closed", 30, func(p *pen) { p.oval(p.in(0.22, 0.46), p.in(-10, 25)) }},
	{0, "open", 14, func(p *pen) { p.oval(p.in(0.22, 0.42), p.in(-35, -10)) }},
	{0, "overlapping", 14, func(p *pen) { p.oval(p.in(0.22, 0.45), p.in(25, 75+p.in(0, 120))) }},
	{0, "narrow", 7, func(p *pen) { p.width = max(p.width, 0.8); p.oval(p.in(0.15, 0.22), p.in(-5, 30)) }},
	{0, "wide", 6, func(p *pen) { p.width = 1; p.oval(p.in(0.5, 0.95), p.in(-30, 60)) }},
	{0, "curled", 8, curledZero},
	{0, "with an entry", 8, enteredZero},
	{0, "crossed ends", 4, knottedZero},
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
	rx, out := p.in(0.22, 0.46), p.in(0.01, 0.2)
	p.lift()
	p.by(0.35+out, -out*p.in(0.6, 1.4))
	p.by(0.35-out*p.in(0, 0.5), p.in(0.02, 0.1))
	p.arc(0.35, 0.54, rx, 0.46, 215, -35)
	p.by(0.35+out*p.in(0, 0.5), p.in(0.02, 0.1), 0.35-out, -out*p.in(0.3, 1.2))
}

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

func dottedZero(p *pen) {
	p.width = max(p.width, 0.85)
	p.joins = false
	p.oval(p.in(0.28, 0.45), p.in(-10, 25))
	x, y := 0.35+p.in(-0.05, 0.05), 0.5+p.in(-0.08, 0.08)
	p.from(x, y)
	p.to(x+p.in(-0.05, 0.05), y+p.in(0, 0.1))
}

var ones = []Form{
	{1, "bare", 32, func(p *pen) { p.lift(); p.stem(0, 1) }},
	{1, "short upstroke", 16, func(p *pen) { p.upstroke(p.in(0.1, 0.26), p.in(0.08, 0.3)); p.stem(0, 1) }},
	{1, "long upstroke", 24, func(p *pen) { p.longUpstroke(); p.stem(0, 1) }},
	{1, "foot", 4, func(p *pen) { p.lift(); p.stem(0, 1); p.foot() }},
	{1, "upstroke and foot", 14, func(p *pen) { p.upstroke(p.in(0.12, 0.35), p.in(0.1, 0.35)); p.stem(0, 1); p.foot() }},
	{1, "long upstroke and foot", 6, func(p *pen) { p.longUpstroke(); p.stem(0, 1); p.foot() }},
	{1, "curled", 5, func(p *pen) { p.upstroke(p.in(0.08, 0.3), p.in(0.05, 0.35)); p.curledStem() }},
}

// upstroke begins a one: from the left, so far out and so far down, up to the
// top of the stem.
func (p *pen) upstroke(out, down float64) {
	out = min(out, 0.1+down)
	p.from(0.35-out, down)
	switch {
	case p.chance(0.25): // hollow, as a wave running up
		p.by(0.35-out*p.in(0.35, 0.5), down*p.in(0.55, 0.7))
	case p.chance(0.15): // bulging
		p.by(0.35-out*p.in(0.5, 0.65), down*p.in(0.3, 0.42))
	}
}

// longUpstroke is steep, so that it is no seven's bar.
func (p *pen) longUpstroke() {
	if p.chance(0.1) { // flat, but rising far more than a bar does
		p.turn = min(p.turn, 0)
		p.upstroke(p.in(0.3, 0.5), p.in(0.24, 0.4))
		return
	}
	down := p.in(0.3, 0.85)
	p.upstroke(min(down*p.in(0.2, 0.95), 0.5), down)
}

// stem goes on from a one's top to its end, straight or nearly.
func (p *pen) stem(top, end float64) {
	lean := p.in(-0.06, 0.06)
	p.to(0.35, top)
	if p.chance(0.35) {
		p.by(0.35+lean/2+p.in(-0.04, 0.04), (top+end)/2)
	}
	p.to(0.35+lean, end)
}

// curledStem ends to one side.
func (p *pen) curledStem() {
	side := p.in(0.05, 0.16)
	if p.chance(0.6) {
		side = -p.in(0.05, 0.24)
	}
	p.to(0.35, 0)
	p.by(0.35+p.in(-0.03, 0.03), 0.5, 0.35+side*p.in(0, 0.2), p.in(0.8, 0.93), 0.35+side, p.in(0.93, 1.02))
}

// foot draws the line that a one stands on.
func (p *pen) foot() {
	left, right := p.in(0.12, 0.38), p.in(0.12, 0.38)
	y, tilt := 1+p.in(-0.03, 0.03), p.in(-0.05, 0.05)
	if p.chance(0.7) {
		p.lift()
	}
	p.to(0.35-left, y+tilt)
	p.to(0.35+right, y-tilt)
}

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

func loopedTwo(p *pen) {
	p.neck()
	size := p.in(0.5, 1.3)
	x, y := p.in(0.1, 0.2), p.in(0.86, 0.94)
	p.by(x, y+0.05*size, x-0.12*size, y+0.03*size, x-0.1*size, y-0.07*size, x+0.05*size, y-0.08*size)
	p.by(p.in(0.36, 0.5), p.in(0.9, 0.98), p.in(0.62, 0.72), p.in(0.94, 1.02), p.in(0.78, 0.98), p.in(0.84, 0.98))
}

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

var threes = []Form{
	{3, "round", 46, roundThree},
	{3, "looped waist", 16, loopedThree},
	{3, "flat top", 16, flatThree},
	{3, "curled tail", 8, func(p *pen) { roundThree(p); p.curl() }},
	{3, "shallow", 10, shallowThree},
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

func roundThree(p *pen) {
	p.forehead()
	x, y := p.in(0.2, 0.36), p.in(0.44, 0.5)
	p.to(x, y)
	p.belly(x, y)
}

func loopedThree(p *pen) {
	p.forehead()
	x, y, size := p.in(0.22, 0.34), p.in(0.45, 0.5), p.in(0.5, 1.3)
	p.by(x, y, x-0.09*size, y+0.02, x-0.07*size, y+0.09*size, x+0.02, y+0.06*size)
	p.belly(x, y+0.02*size)
}

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

var fours = []Form{
	{4, "open", 34, openFour},
	{4, "open and round", 14, roundFour},
	{4, "closed", 22, closedFour},
	{4, "sail", 10, sailFour},
	{4, "lightning", 12, lightningFour},
	{4, "looped corner", 6, loopedFour},
}

// openFour has an angle of a downstroke and a bar, and a stem through the bar
// or hanging at its end.
func openFour(p *pen) {
	bar, left := p.in(0.45, 0.72), p.in(0, 0.1)
	p.from(p.in(0.02, 0.34), p.in(-0.02, 0.06))
	if p.chance(0.3) {
		p.by(left+p.in(0, 0.08), bar*p.in(0.45, 0.6))
	}
	p.to(left, bar+p.in(-0.02, 0.03))
	p.barAndStem(bar, 0.3)
}

// barAndStem finishes an open four: the bar from the corner on, at the height
// bar, then a stem that is long or short.
func (p *pen) barAndStem(bar, left float64) {
	x, y := p.barOfFour(bar, left)
	top := p.in(-0.05, 0.2)
	if p.chance(0.6) {
		top = y - p.in(0.02, 0.34)
	}
	p.stemOfFour(x, top, p.in(0.94, 1.08))
}

// barOfFour goes on from the corner at the height bar and returns where the
// stem crosses, no nearer to the corner than left.
func (p *pen) barOfFour(bar, left float64) (x, y float64) {
	x, y = p.in(left, 0.62), bar-p.in(-0.05, 0.12)
	over := p.in(-0.03, 0.06)
	if p.chance(0.5) {
		over = p.in(0.06, 0.34)
	}
	p.to(x+over, y)
	return x, y
}

// stemOfFour draws the stem, whose head is at x, top.
func (p *pen) stemOfFour(x, top, end float64) {
	lean := p.in(-0.1, 0.05)
	p.from(x, top)
	if p.chance(0.25) {
		p.by(x+lean/2+p.in(-0.03, 0.03), (end+top)/2)
	}
	p.to(x+lean, end)
}

// roundFour is open and has a round corner, like the letter ч, in one stroke or
// two.
func roundFour(p *pen) {
	bar := p.in(0.48, 0.66)
	p.from(p.in(0, 0.2), p.in(-0.02, 0.1))
	p.by(p.in(-0.02, 0.06), bar*p.in(0.6, 0.75), p.in(0.1, 0.16), bar+p.in(-0.02, 0.03), p.in(0.24, 0.3), bar+p.in(-0.03, 0.02))
	if p.chance(0.45) {
		p.to(0.58, bar-p.in(0.05, 0.16))
		p.to(p.in(0.56, 0.64), p.in(-0.02, 0.12))
		p.to(p.in(0.5, 0.64), 1)
		return
	}
	p.barAndStem(bar, 0.38)
}

// closedFour is a triangle with a stem.
func closedFour(p *pen) {
	x, bar := p.in(0.46, 0.62), p.in(0.58, 0.72)
	p.from(x, p.in(-0.02, 0.03))
	p.to(p.in(-0.05, 0.08), bar)
	p.to(p.in(0.68, 0.95), bar+p.in(-0.05, 0.05))
	p.from(x+p.in(-0.02, 0.05), p.in(-0.02, 0.1))
	p.to(x+p.in(-0.07, 0.03), p.in(0.95, 1.05))
}

// sailFour begins at the bar's right end and is drawn in one stroke.
func sailFour(p *pen) {
	x, bar := p.in(0.48, 0.6), p.in(0.56, 0.68)
	p.from(p.in(0.7, 0.95), bar+p.in(-0.05, 0.05))
	p.to(p.in(-0.04, 0.06), bar)
	p.to(x, p.in(-0.02, 0.03))
	p.to(x+p.in(-0.08, 0.03), p.in(0.95, 1.05))
}

// lightningFour is German: a long diagonal, the bar, and a short stem across
// the bar.
func lightningFour(p *pen) {
	bar := p.in(0.58, 0.72)
	p.from(p.in(0.3, 0.52), p.in(-0.02, 0.04))
	if p.chance(0.4) { // bent, so that it opens to the right
		p.by(p.in(-0.02, 0.16), bar*p.in(0.4, 0.6))
	}
	p.to(p.in(-0.04, 0.08), bar)
	x, y := p.barOfFour(bar, 0.42)
	p.stemOfFour(x, y-p.in(0.02, 0.32), p.in(0.94, 1.08))
}

// loopedFour has a small loop where the downstroke turns into the bar.
func loopedFour(p *pen) {
	p.width = max(p.width, 0.9)
	bar, size := p.in(0.5, 0.66), p.in(0.3, 1)
	p.from(p.in(0.06, 0.35), p.in(-0.02, 0.1))
	x := p.in(0.04, 0.1)
	p.by(x, bar-0.03, x-0.07*size, bar+0.05*size, x-0.04*size, bar-0.05*size, x+0.12, bar-0.02)
	p.barAndStem(bar, 0.38)
}
