package graph

import (
	"math"

	g "github.com/gomlx/gomlx/core/graph"

	"rakam/trainer/recipe"
)

// stepGraph returns the new state, the loss and the hits of one batch. in is the
// state, images, targets, the masks and the scalars.
func (t *Trainer) stepGraph(in []*g.Node) []*g.Node {
	var parts [4][]*g.Node
	for k := range parts {
		n := len(t.parts[k])
		parts[k], in = in[:n], in[n:]
	}
	params, x, y, in := parts[0], in[0], in[1], in[2:]
	dropped := len(masked(t.recipe))
	masks, scalars := in[:dropped], in[dropped:]
	net := network{spec: t.recipe.Spec, params: params, masks: masks, normalize: t.recipe.BatchNorm}
	loss, correct := score(net.logits(x), y)
	grads := g.Gradient(loss, params...)
	next := [4][]*g.Node{}
	for i, grad := range grads {
		if t.recipe.Optimizer.Name == recipe.AdamW {
			p, v, m := adamW(t.recipe.Optimizer, params[i], parts[1][i], parts[2][i], grad, scalars)
			next[0], next[1], next[2] = append(next[0], p), append(next[1], v), append(next[2], m)
		} else {
			p, v := rmsProp(t.recipe.Optimizer, params[i], parts[1][i], grad, scalars[0])
			next[0], next[1] = append(next[0], p), append(next[1], v)
		}
	}
	for i, a := range parts[3] {
		next[3] = append(next[3], g.Add(a, g.Mul(g.Sub(next[0][i], a), scalars[len(scalars)-1])))
	}
	var out []*g.Node
	for _, part := range next {
		out = append(out, part...)
	}
	return append(out, loss, correct)
}

// scalars returns what changes from step to step beside the state: the learning
// rate, for AdamW the corrections of its two means for their zero beginnings, and
// last, for a recipe with an average, how much of it is renewed.
func (t *Trainer) scalars(rate float64) []any {
	list := []any{float32(rate)}
	if o := t.recipe.Optimizer; o.Name == recipe.AdamW {
		n := float64(t.steps)
		list = append(list, float32(1/(1-math.Pow(o.Momentum, n))), float32(1/(1-math.Pow(o.Rho, n))))
	}
	if t.recipe.Average > 0 {
		n := float64(t.steps) // an early average forgets the beginning sooner
		list = append(list, float32(1-min(t.recipe.Average, (1+n)/(10+n))))
	}
	return list
}

// rmsProp is RMSprop as Keras 2 computed it for the tutorial: v ← ρv + (1-ρ)g²;
// w ← w - η·g/(√v+ε). Keras 3 has ε under the root, where 1e-7 outweighs the
// squared gradients of sigmoid layers: with it the seed ends at 96.4 % on the
// test set instead of 98.2 %.
func rmsProp(o recipe.Optimizer, w, v, grad, rate *g.Node) (newW, newV *g.Node) {
	v = decayed(v, g.Square(grad), o.Rho)
	return g.Sub(w, g.Div(g.Mul(grad, rate), g.AddScalar(g.Sqrt(v), o.Epsilon))), v
}

// adamW is AdamW: m ← β1·m + (1-β1)g; v ← β2·v + (1-β2)g²;
// w ← w - η·(m̂/(√v̂+ε) + λw), biases without λ.
func adamW(o recipe.Optimizer, w, v, m, grad *g.Node, scalars []*g.Node) (newW, newV, newM *g.Node) {
	m, v = decayed(m, grad, o.Momentum), decayed(v, g.Square(grad), o.Rho)
	change := g.Div(g.Mul(m, scalars[1]), g.AddScalar(g.Sqrt(g.Mul(v, scalars[2])), o.Epsilon))
	if w.Rank() > 1 && o.Decay > 0 {
		change = g.Add(change, g.MulScalar(w, o.Decay))
	}
	return g.Sub(w, g.Mul(change, scalars[0])), v, m
}

func decayed(mean, value *g.Node, decay float64) *g.Node {
	return g.Add(g.MulScalar(mean, decay), g.MulScalar(value, 1-decay))
}
