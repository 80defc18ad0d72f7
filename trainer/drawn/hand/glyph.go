package hand

import (
	"fmt"
	"strconv"
	"strings"
)

// glyph is a letter, sign or doodle written down as text: strokes divided by
// |, each a list of points x,y in hundredths of the frame: plain ones are
// corners, those after ~ lie on a curve, and @cx,cy,rx,ry,from,to is an arc in
// degrees as pen.arc takes it. A text that begins with ! is kept out of training, to
// measure with; one with ? is kept out and is not measured with either, for it is
// much like one that is taught. It is parsed once.
type glyph []op

// op is one step of a glyph: the name of what the pen does and its numbers.
type op struct {
	kind byte // | lift, 0 corner, ~ point of a curve, @ arc, ! and ? marks
	args []float64
}

// glyphs parses texts; it panics at a wrong one, as they are constants.
func glyphs(texts ...string) []glyph {
	all := make([]glyph, len(texts))
	for i, text := range texts {
		if !strings.HasPrefix(text, "!") && !strings.HasPrefix(text, "?") {
			all[i] = glyph{{kind: '|'}}
		}
		for word := range strings.FieldsSeq(text) {
			all[i] = append(all[i], parseOp(word))
		}
	}
	return all
}

// parseOp parses one word of a glyph.
func parseOp(word string) op {
	var o op
	if strings.ContainsRune("|~@!?", rune(word[0])) {
		o.kind, word = word[0], word[1:]
	}
	want := map[byte]int{0: 2, '~': 2, '@': 6}[o.kind]
	if want == 0 && word == "" {
		return o
	}
	for part := range strings.SplitSeq(word, ",") {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil {
			panic(fmt.Sprintf("hand: %q in a glyph is no list of numbers", word))
		}
		o.args = append(o.args, v/100)
	}
	if len(o.args) != want {
		panic(fmt.Sprintf("hand: %q in a glyph has %d numbers, want %d", word, len(o.args), want))
	}
	return o
}

// glyph draws g.
func (p *pen) glyph(g glyph) {
	for _, o := range g {
		switch a := o.args; o.kind {
		case '|', '!', '?':
			p.lift()
		case 0:
			p.to(a[0], a[1])
		case '~':
			p.by(a...)
		case '@':
			p.arc(a[0], a[1], a[2], a[3], a[4]*100, a[5]*100)
		}
	}
}

// split divides glyphs into those that a network may be taught and those kept to
// measure how well it refuses shapes that it has never seen.
func split(all []glyph) (taught, kept []glyph) {
	for _, g := range all {
		switch g[0].kind {
		case '!':
			kept = append(kept, g)
		case '?':
		default:
			taught = append(taught, g)
		}
	}
	return taught, kept
}

// anyOf draws one of the glyphs, with more freedom than a digit's form has.
func (p *pen) anyOf(all []glyph) {
	p.tremble += p.in(0, 0.025)
	p.glyph(all[p.IntN(len(all))])
}

// anyTaught draws one of the glyphs that a network may be taught.
func (p *pen) anyTaught(all []glyph) {
	taught, _ := split(all)
	p.anyOf(taught)
}

// Capitals, without those that a digit can look like: B D G I J O Q S Y Z and
// U, which an open zero can be.
var capitals = glyphs(
	"0,100 35,0 70,100 | 12,64 58,64",                             // A
	"@38,50,36,50,-50,-310",                                       // C
	"@38,46,36,46,-50,-310 | 38,92 ~44,100 ~40,112 ~28,110",       // Ç
	"! 60,0 5,0 5,100 62,100 | 5,48 50,48",                        // E
	"8,0 8,100 | 8,0 62,0 | 8,48 50,48",                           // F
	"5,0 5,100 | 62,0 62,100 | 5,50 62,50",                        // H
	"8,0 8,100 | 62,0 10,55 | 22,45 65,100",                       // K
	"! 8,0 8,100 60,100",                                          // L
	"0,100 8,0 38,70 68,0 76,100",                                 // M
	"5,100 5,0 62,100 62,0",                                       // N
	"@37,55,36,45,-90,270 | 24,-8 26,-4 | 48,-8 50,-4",            // Ö
	"! 8,0 8,100 | 8,2 ~45,2 ~60,26 ~42,50 8,52",                  // P
	"8,0 8,100 | 8,2 ~45,2 ~60,24 ~42,48 8,50 62,100",             // R
	"-4,2 74,2 | 35,2 35,100",                                     // T
	"5,10 ~6,70 ~35,100 ~62,72 65,10 | 22,-8 24,-4 | 46,-8 48,-4", // Ü
	"? 0,0 34,100 68,0",                                           // V
	"-5,0 15,100 36,20 58,100 80,0",                               // W
	"0,0 66,100 | 64,0 2,100",                                     // X
	"2,100 36,0 70,100 2,100",                                     // Δ
	"! 62,2 5,2 45,50 5,98 66,98",                                 // Σ
	"5,100 5,0 64,0 64,100",                                       // П
	"5,0 5,78 75,78 75,100 | 30,0 30,78 | 58,0 58,78",             // Щ
	"5,0 5,96 72,0 72,100",                                        // И
	"? 36,0 36,100 | 2,2 70,98 | 70,2 2,98",                       // Ж
)

// Small letters, without b g i j l o q s y z and a, r, u where these can be a
// digit.
var letters = glyphs(
	"8,38 ~30,26 ~48,38 48,84 ~56,92 ~62,88 | 46,58 ~20,60 ~10,78 ~24,92 ~46,80", // a of two storeys
	"@40,70,30,30,-45,-315",                                                 // c
	"@40,62,30,28,-45,-315 | 40,90 ~46,98 ~42,110 ~30,108",                  // ç
	"! @26,70,24,30,-30,-330 | 52,0 52,100",                                 // d
	"8,70 60,66 ~54,44 ~34,38 ~10,52 ~8,80 ~30,100 ~60,90",                  // e
	"54,8 ~40,-2 ~28,14 28,100 | 6,42 50,40",                                // f
	"8,0 8,100 | 8,62 ~28,42 ~48,54 48,100",                                 // h
	"? 8,0 8,100 | 48,40 10,70 | 20,62 52,100",                              // k
	"4,40 4,100 | 4,56 ~18,40 ~32,54 32,100 | 32,56 ~48,40 ~62,54 62,100",   // m
	"6,40 6,100 | 6,58 ~24,40 ~44,52 46,100",                                // n
	"@36,64,28,30,-90,270 | 26,10 28,16 | 46,10 48,16",                      // ö
	"! 8,36 8,130 | @30,66,24,30,200,520",                                   // p
	"28,8 28,88 ~38,100 ~52,92 | 6,36 50,36",                                // t
	"6,40 ~8,84 ~26,98 ~46,80 46,40 46,100 | 14,14 16,20 | 36,14 38,20",     // ü
	"4,40 26,100 50,40",                                                     // v
	"? 0,40 16,100 32,54 48,100 64,40",                                      // w
	"4,40 50,100 | 50,40 4,100",                                             // x
	"4,100 ~16,44 ~34,40 ~52,64 ~66,98 | 70,38 ~48,84 ~26,100 ~8,76 ~20,46", // α
	"2,42 70,38 | 22,42 20,100 | 50,40 52,96 ~60,100",                       // π
	"! 16,44 ~2,70 ~14,98 ~34,82 36,62 36,80 ~54,100 ~70,76 ~58,44",         // ω
)

// Signs, without & and the single brackets, which can be an 8 and a 1.
var signs = glyphs(
	"0,50 80,50 | 40,8 40,92",                               // +
	"4,8 76,92 | 76,8 4,92",                                 // ×
	"0,50 80,50 | 38,16 42,18 | 38,82 42,84",                // ÷
	"! 0,34 80,34 | 0,64 80,64",                             // =
	"0,24 80,24 | 0,50 80,50 | 0,76 80,76",                  // ≡
	"4,22 ~20,0 ~48,2 ~54,24 ~34,44 30,66 | 29,88 31,92",    // ?
	"30,0 30,62 | 29,86 31,92",                              // !
	"! 26,0 16,100 | 62,0 52,100 | 0,34 80,34 | 0,66 80,66", // #
	"52,36 ~40,32 ~28,44 ~30,64 ~46,62 54,36 54,60 ~70,66 ~82,40 ~64,6 ~32,0 ~2,30 ~0,68 ~26,98 ~66,92", // @
	"78,0 6,100 | @16,20,14,16,-90,270 | @66,80,14,16,-90,270",                                          // %
	"40,4 40,96 | 4,28 76,72 | 76,28 4,72",                                                              // *
	"! 0,50 90,50 | 64,26 92,50 64,74",                                                                  // →
	"90,50 0,50 | 26,26 -2,50 26,74",                                                                    // ←
	"40,100 40,0 | 14,28 40,-2 66,28",                                                                   // ↑
	"40,0 40,100 | 14,72 40,102 66,72",                                                                  // ↓
	"! 0,54 26,90 88,4",                                                                                 // ✓
	"34,0 4,0 4,100 34,100 | 62,0 92,0 92,100 62,100",                                                   // []
	"22,0 ~2,30 ~2,70 22,100 | 62,0 ~82,30 ~82,70 62,100",                                               // ()
	"70,8 8,50 70,92",                                                                                   // <
	"! 8,8 70,50 8,92",                                                                                  // >
	"16,0 16,30 | 46,0 46,30",                                                                           // "
	"4,70 40,14 76,70",                                                                                  // ^
	"0,56 ~20,36 ~40,50 ~60,64 ~82,44",                                                                  // ~
	"! 72,4 ~40,-2 ~18,18 16,100 | 0,56 54,56 | 4,100 74,100",                                           // £
	"80,14 ~44,0 ~20,40 ~40,92 ~80,90 | 0,38 62,38 | 0,58 58,58",                                        // €
	"36,0 36,82 ~58,96 ~82,66 | 10,44 62,24 | 10,62 62,42",                                              // ₺
	"0,56 14,56 28,98 48,0 100,0",                                                                       // √
	"! 90,50 ~70,22 ~50,50 ~28,78 ~4,50 ~28,22 ~50,50 ~70,78 ~90,50",                                    // ∞
)

// Doodles, without an hourglass, which is an 8 in straight lines.
var doodles = glyphs(
	"44,100 ~4,46 ~14,8 ~36,12 44,34 ~54,12 ~76,8 ~86,44 44,100",                                                  // heart
	"46,0 72,98 0,36 92,36 18,98 46,0",                                                                            // star
	"44,0 90,90 0,90 44,0",                                                                                        // triangle
	"! 0,10 86,10 86,92 0,92 0,10",                                                                                // square
	"44,0 88,50 44,100 0,50 44,0",                                                                                 // diamond
	"@44,50,44,48,-90,270 | 28,34 28,40 | 60,34 60,40 | 20,60 ~44,82 ~68,60",                                      // smiley
	"4,100 4,44 84,44 84,100 4,100 | -4,46 44,0 92,46 | 34,100 34,70 54,70 54,100",                                // house
	"! @44,14,12,13,-90,270 | 44,28 44,64 | 14,46 74,44 | 44,64 20,100 | 44,64 68,100",                            // person
	"4,58 ~34,26 ~70,50 96,74 | 4,58 ~34,88 ~70,66 96,38 | 22,50 24,54",                                           // fish
	"40,100 40,52 | 60,100 60,52 | 40,56 ~10,52 ~4,28 ~26,10 ~50,-2 ~80,12 ~94,34 ~84,54 60,56",                   // tree
	"12,62 ~-4,46 ~16,34 ~24,12 ~52,10 ~64,26 ~90,28 ~96,52 ~82,64 12,64",                                         // cloud
	"! 56,0 ~14,20 ~12,78 ~56,100 ~34,70 ~34,28 56,0",                                                             // moon
	"@44,44,9,9,-90,270 | @44,22,12,13,90,450 | @66,44,13,12,180,540 | @44,66,12,13,-90,270 | @22,44,13,12,0,360", // flower
	"0,0 40,100 | 0,0 76,12 40,100 | 10,30 66,34 | 20,56 56,58",                                                   // kite
	"0,40 20,84 80,84 98,40 0,40 | 46,40 46,-6 78,26 46,28",                                                       // boat
	"! 16,44 ~18,4 ~70,4 ~74,44 | 0,44 92,44 92,100 0,100 0,44",                                                   // lock
	"@24,74,20,22,-90,270 | @76,74,20,22,-90,270 | 24,74 42,34 68,34 76,74 | 42,34 50,74 68,34",                   // bicycle
	"0,96 20,40 34,70 56,4 100,96 0,96",                                                                           // mountains
	"24,30 ~26,2 36,30 ~48,34 58,30 ~68,2 70,30 ~88,70 ~46,100 ~4,70 24,30 | 36,56 37,60 | 58,56 59,60",           // cat
)
