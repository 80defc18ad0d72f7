package hand

var sixes = []Form{
	{6, "curved", 38, func(p *pen) { bowedSix(p, p.in(0.16, 0.33), p.in(-5, 25)) }},
	{6, "straight", 16, straightSix},
	{6, "small loop", 14, func(p *pen) { p.width = max(p.width, 0.9); bowedSix(p, p.in(0.12, 0.17), p.in(-10, 20)) }},
	{6, "open loop", 14, func(p *pen) { bowedSix(p, p.in(0.16, 0.32), p.in(-60, -20)) }},
	{6, "spiral", 10, func(p *pen) { bowedSix(p, p.in(0.16, 0.32), p.in(20, 80)) }},
	{6, "tiny loop", 8, tinySix},
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

// straightSix has a stem like a slanting line.
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

// tinySix has a narrow loop, nearly filled, at a stem that is straight but for a
// hook at its top; it may run out through the stem to the left.
func tinySix(p *pen) {
	p.width = max(p.width, 0.85)
	ry := p.in(0.11, 0.17)
	rx := ry * p.in(0.75, 1.1)
	x := p.in(0.1, 0.24) // of the stem's upper part
	p.lift()
	if p.chance(0.6) {
		p.by(x+p.in(0.12, 0.26), p.in(0, 0.1), x+p.in(0.05, 0.1), p.in(-0.02, 0.03))
	}
	p.by(x+p.in(0, 0.03), p.in(0.1, 0.16), p.in(0.05, 0.11), p.in(0.5, 0.62))
	if p.chance(0.4) {
		p.closeSix(0.05+rx, 1-ry, rx, ry, -30)
		p.by(p.in(-0.2, -0.04), 1-2*ry-p.in(0, 0.12)+0.08)
		return
	}
	p.closeSix(0.05+rx, 1-ry, rx, ry, p.in(-10, 25))
}
