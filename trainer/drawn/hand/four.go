package hand

var fours = []Form{
	{4, "open", 34, openFour},
	{4, "open and round", 14, roundFour},
	{4, "closed", 22, closedFour},
	{4, "sail", 10, sailFour},
	{4, "lightning", 12, lightningFour},
	{4, "narrow lightning", 10, narrowFour},
	{4, "looped corner", 6, loopedFour},
	{4, "looped stem", 4, loopedStemFour},
	{4, "turned", 8, turnedFour},
}

// openFour has an angle of a downstroke and a bar, and a stem through the bar
// or hanging at its end.
func openFour(p *pen) {
	p.width = max(p.width, 0.78)
	bar, left := p.in(0.45, 0.78), p.in(0, 0.1)
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

// lightningFour has a long diagonal, the bar, and a short stem across the bar.
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

// narrowFour is a lightning four whose short stem stands at the end of a short
// bar, so that little space is left below.
func narrowFour(p *pen) {
	if p.chance(0.5) {
		p.slant = p.in(0.1, 0.45)
	}
	bar, x := p.in(0.62, 0.8), p.in(0.26, 0.42)
	p.from(p.in(0.08, x-0.06), p.in(-0.02, 0.04))
	if p.chance(0.3) {
		p.by(p.in(0.04, 0.1), bar*p.in(0.4, 0.6))
	}
	p.to(p.in(0, 0.06), bar)
	y := bar - p.in(-0.02, 0.12)
	p.to(x+p.in(-0.02, 0.12), y)
	p.stemOfFour(x, y-p.in(0.02, 0.2), max(bar+0.26, p.in(0.98, 1.08)))
}

// loopedStemFour is drawn in one stroke: from the bar's right end it goes round
// to the top, which closes it, and down.
func loopedStemFour(p *pen) {
	p.width = max(p.width, 0.8)
	bar, x := p.in(0.5, 0.64), p.in(0.36, 0.5)
	p.from(x-p.in(0, 0.2), p.in(0, 0.14))
	p.to(p.in(-0.06, 0.04), bar)
	right := x + p.in(0.14, 0.3)
	p.to(right, bar-p.in(-0.02, 0.08))
	p.by(x+p.in(0.07, 0.12), bar*p.in(0.4, 0.6))
	p.to(x+p.in(0, 0.06), p.in(-0.02, 0.04))
	p.to(x+p.in(-0.08, 0.02), p.in(0.98, 1.06))
}

// turnedFour is open and drawn in one stroke: from the bar's right end the pen
// turns up, over a narrow bend, and down.
func turnedFour(p *pen) {
	p.width = max(p.width, 0.8)
	bar, x := p.in(0.52, 0.76), p.in(0.4, 0.54)
	p.from(p.in(0.1, 0.3), p.in(-0.02, 0.04))
	p.to(p.in(-0.06, 0.04), bar)
	right, top := x+p.in(0.06, 0.13), bar-p.in(0.28, 0.46)
	p.to(right, bar-p.in(-0.02, 0.04))
	p.by(right-p.in(0, 0.02), (bar+top)/2, (right+x)/2, top, x, (bar+top)/2)
	p.to(x+p.in(-0.08, 0.02), p.in(0.98, 1.06))
}
