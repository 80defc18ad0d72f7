package hand

var sevens = []Form{
	{7, "plain", 26, func(p *pen) { p.barOfSeven(); p.stemOfSeven() }},
	{7, "crossed", 30, func(p *pen) { p.barOfSeven(); p.stemOfSeven(); p.cross(p.in(0.34, 0.54)) }},
	{7, "round and crossed", 10, roundSeven},
	{7, "hooked and crossed", 12, hookedSeven},
	{7, "hooked cross", 16, hookedCrossSeven},
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

// wavyBar rises, sinks and ends in a corner.
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

// hookedSeven begins with a hook instead of a bar and is crossed low by a short
// line that slopes. The line is too far from the hook for a nine, and from the
// foot for a two.
func hookedSeven(p *pen) {
	p.width, p.slant = clamp(p.width, 0.78, 1.1), min(p.slant, 0.4)
	if p.chance(0.4) {
		p.slant = p.in(0.15, 0.45)
	}
	right, foot := p.in(0.46, 0.64), p.in(0.14, 0.38)
	p.from(p.in(0, 0.14), p.in(0.1, 0.22))
	p.by(p.in(0.18, 0.26), p.in(0, 0.07))
	if p.chance(0.4) {
		p.to(right, p.in(-0.02, 0.08))
	} else {
		p.by(right-p.in(0.08, 0.14), p.in(-0.02, 0.03), right, p.in(0.1, 0.18))
	}
	p.by(right*0.6+foot*0.4, 0.45)
	p.to(foot, 1)
	p.joins = false
	y, half, tilt := p.in(0.47, 0.68), p.in(0.12, 0.24), p.in(-0.08, 0.1)
	x := right + (foot-right)*y + p.in(-0.06, 0.06)
	p.from(x-half, y+tilt)
	p.to(x+half, y-tilt)
}

// hookedCrossSeven begins with a hook, has a round shoulder, and a cross bar that
// begins with a hook too: up from below its left end.
func hookedCrossSeven(p *pen) {
	p.joins = false
	p.width, p.slant = clamp(p.width, 0.78, 1.1), min(p.slant, 0.45)
	right, foot := p.in(0.4, 0.66), p.in(0.12, 0.4)
	p.from(p.in(-0.02, 0.16), p.in(0.04, 0.22))
	p.by(p.in(0.12, 0.26), p.in(-0.02, 0.04), right-p.in(0.06, 0.14), p.in(-0.02, 0.05), right, p.in(0.14, 0.24))
	p.by(right*0.65+foot*0.35, p.in(0.44, 0.54))
	p.to(foot, 1)

	y := p.in(0.48, 0.7)
	x := right + (foot-right)*y
	left, deep := x-p.in(0.16, 0.34), min(p.in(0.06, 0.24), 0.78-y) // a two's foot is lower
	p.from(left+p.in(-0.04, 0.06), y+deep)
	p.by(left+p.in(0, 0.04), y+p.in(0, 0.03), left+p.in(0.08, 0.14), y-p.in(0.02, 0.06))
	p.to(x+p.in(-0.02, 0.3), y-p.in(-0.06, 0.16))
}
