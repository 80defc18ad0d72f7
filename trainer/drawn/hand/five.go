package hand

var fives = []Form{
	{5, "two strokes", 34, func(p *pen) { x, y := p.neckOfFive(); p.bellyOfFive(x, y); p.barOfFive(0) }},
	{5, "bar apart", 12, func(p *pen) { x, y := p.neckOfFive(); p.bellyOfFive(x, y); p.barOfFive(p.in(0.04, 0.14)) }},
	{5, "one stroke", 28, oneStrokeFive},
	{5, "like s", 12, curvedFive},
	{5, "short neck", 9, shortFive},
	{5, "angular", 8, angularFive},
	{5, "hooked bar", 14, hookedFive},
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

// oneStrokeFive begins at the right end of its bar.
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

// shortFive has a belly that begins right under a long bar, which may be a
// stroke of its own, a little below the head of the neck.
func shortFive(p *pen) {
	p.width = max(p.width, 0.8)
	x, y := p.in(0.04, 0.16), p.in(0.24, 0.36)
	if p.chance(0.5) {
		p.from(p.in(0.55, 0.85), p.in(-0.06, 0.04))
		p.to(x+p.in(0.02, 0.16), p.in(-0.02, 0.05))
		p.to(x, y)
		p.bellyOfFive(x, y)
		return
	}
	p.joins = false
	head := x + p.in(0.02, 0.16)
	p.from(head, 0)
	p.to(x, y)
	p.bellyOfFive(x, y)
	bar := p.in(0, 0.1)
	p.from(head+p.in(-0.15, 0.03), bar)
	p.to(head+p.in(0.4, 0.75), bar+p.in(-0.1, 0.04))
}

// hookedFive has a bar of its own that begins with a hook, up from below its left
// end, and under it a body that bends like an s or has a sharp neck.
func hookedFive(p *pen) {
	p.joins = false
	p.width = max(p.width, 0.8)
	head := p.in(0.18, 0.42)
	if p.chance(0.5) {
		neck := p.in(0.26, 0.36)
		p.from(head+p.in(0, 0.12), p.in(0.02, 0.14))
		p.by(head-p.in(0.04, 0.1), p.in(0.18, 0.26), head+p.in(0.06, 0.14), neck+p.in(0.06, 0.12))
		right := head + p.in(0.24, 0.4)
		p.by(right, p.in(0.6, 0.74), right-p.in(0.1, 0.16), p.in(0.88, 0.96), head-p.in(0.1, 0.4), p.in(0.94, 1.02))
	} else {
		y := p.in(0.32, 0.46)
		x := head - p.in(0.1, 0.26)
		p.from(head, p.in(0, 0.1))
		p.to(x, y)
		p.bellyOfFive(x, y)
	}
	left, y := head-p.in(0.08, 0.24), p.in(-0.04, 0.04)
	p.from(left+p.in(-0.06, 0.04), y+p.in(0.05, 0.3))
	p.by(left+p.in(0, 0.03), y+p.in(0.02, 0.06), left+p.in(0.08, 0.16), y)
	p.to(head+p.in(0.3, 0.65), y-p.in(-0.03, 0.08))
}
