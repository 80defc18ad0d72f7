package hand

var ones = []Form{
	{1, "bare", 32, func(p *pen) { p.lift(); p.stem(0, 1) }},
	{1, "short upstroke", 16, func(p *pen) { p.upstroke(p.in(0.1, 0.26), p.in(0.08, 0.3)); p.stem(0, 1) }},
	{1, "long upstroke", 24, func(p *pen) { p.longUpstroke(); p.stem(0, 1) }},
	{1, "foot", 4, func(p *pen) { p.lift(); p.stem(0, 1); p.foot() }},
	{1, "upstroke and foot", 14, func(p *pen) { p.upstroke(p.in(0.12, 0.35), p.in(0.1, 0.35)); p.stem(0, 1); p.foot() }},
	{1, "long upstroke and foot", 6, func(p *pen) { p.longUpstroke(); p.stem(0, 1); p.foot() }},
	{1, "slanted", 22, slantedOne},
	{1, "narrow", 10, func(p *pen) { p.upstroke(p.in(0.04, 0.14), p.in(0.25, 0.65)); p.stem(0, 1) }},
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
	if p.chance(0.2) { // through the stem; a seven is crossed far higher
		y = p.in(0.88, 0.96)
	}
	if y < 0.97 || p.chance(0.7) {
		p.lift()
	}
	p.to(0.35-left, y+tilt)
	p.to(0.35+right, y-tilt)
}

// slantedOne leans to the right and its upstroke with it, which even so rises by
// 26 degrees or more, as no seven's bar does.
func slantedOne(p *pen) {
	p.slant, p.turn, p.proportion = p.in(0.25, 0.7), clamp(p.turn, -0.1, 0.02), min(p.proportion, 1)
	run := p.in(p.slant+0.12, 1.4) // of the upstroke as seen, for each unit it rises
	down := min(p.in(0.3, 0.85), 0.75/run)
	p.upstroke((run-p.slant)*down/p.width, down)
	if p.chance(0.3) { // over a round top
		p.haste += 8 + p.IntN(16)
	}
	if p.chance(0.3) {
		p.curledStem()
		return
	}
	p.stem(0, 1)
}
