package fit

import (
	"bytes"
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"rakam/trainer/augment"
	"rakam/trainer/drawn"
	"rakam/trainer/recipe"
	"rakam/trainer/report"
	"rakam/wasm/ink"
	"rakam/wasm/nn"
)

// mixed is a small recipe with a bit of everything, and its data.
func mixed(t *testing.T) Config {
	t.Helper()
	r := recipe.Limit()
	r.Teacher = ""
	r.Spec, r.Epochs, r.Holdout = small().Spec, 3, 0
	c := config(t, r)
	for i := range 7 {
		c.Data.Strokes = append(c.Data.Strokes, drawn.Drawn{Label: i, Strokes: ink.Drawing{{{X: 0, Y: 0}, {X: float64(i), Y: 9}}}})
	}
	return c
}

// TestMix: an epoch has MNIST's images once and of everything else its share.
func TestMix(t *testing.T) {
	c := mixed(t)
	c.Recipe.Mix = recipe.Mix{Drawn: 0.4, Generated: 0.3, Others: 0.1}
	items := order(c.Recipe, c.Data, 1)
	var count [4]int
	times := map[item]int{}
	for _, it := range items {
		count[it.kind]++
		times[it]++
	}
	if count != [4]int{1000, 400, 300, 100} || len(items) != EpochSize(c.Recipe, c.Data) {
		t.Errorf("%v of MNIST, drawings, generated, others", count)
	}
	for i := range c.Data.Strokes {
		if n := times[item{drawing, int32(i)}]; n < 400/7 || n > 400/7+1 {
			t.Errorf("drawing %d is taken %d times", i, n)
		}
	}
	for i := range c.Data.Train.Len() {
		if times[item{scanned, int32(i)}] != 1 {
			t.Fatalf("image %d is taken %d times", i, times[item{scanned, int32(i)}])
		}
	}
	if slices.Equal(items, order(c.Recipe, c.Data, 2)) {
		t.Error("every epoch in the same order")
	}
	c.Data.Strokes = nil
	if n := len(order(c.Recipe, c.Data, 1)); n != 1400 {
		t.Errorf("without drawings %d items, want 1400", n)
	}
}

// TestMake: what an item becomes depends on its place and epoch alone, and its
// target is its digit, or none.
func TestMake(t *testing.T) {
	c := mixed(t)
	c.Recipe.Smoothing, c.Recipe.Plain = 0.1, 0
	make1 := func(epoch int, it item, place int) ([]float32, []float32) {
		m := maker{recipe: c.Recipe, data: c.Data, epoch: epoch}
		image, target := make([]float32, nn.ImageSize), make([]float32, nn.Classes)
		m.make(image, target, it, place)
		return image, target
	}
	for _, it := range []item{{scanned, 3}, {drawing, 5}, {generated, 8}, {other, 0}} {
		a, target := make1(1, it, 17)
		if b, _ := make1(1, it, 17); !slices.Equal(a, b) {
			t.Errorf("%v: the same place, another image", it)
		}
		if b, _ := make1(2, it, 17); slices.Equal(a, b) {
			t.Errorf("%v: the same image in every epoch", it)
		}
		if slices.Max(a) <= 0.5 {
			t.Errorf("%v has no ink", it)
		}
		want := map[kind]int{scanned: c.Data.Train.Label(3), drawing: 5, generated: 8, other: -1}[it.kind]
		for d, v := range target {
			expected := 0.01
			if d == want {
				expected = 0.91
			}
			if math.Abs(float64(v)-expected) > 1e-6 {
				t.Errorf("%v: target %d is %v, want %v", it, d, v, expected)
			}
		}
	}
}

// TestPenSkips: where the recipe says so it skips in digits, and in nothing else.
func TestPenSkips(t *testing.T) {
	c := mixed(t)
	c.Data.Strokes[6].Label = drawn.Unlabelled
	c.Recipe.AugmentStrokes.Gap = 0
	skipping := c.Recipe
	skipping.AugmentStrokes.Gap = 1
	for it, want := range map[item]bool{{scanned, 3}: false, {drawing, 5}: true, {drawing, 6}: false, {generated, 8}: true, {other, 0}: false} {
		var before, after [nn.ImageSize]float32
		target := make([]float32, nn.Classes)
		(&maker{recipe: c.Recipe, data: c.Data, epoch: 1}).make(before[:], target, it, 17)
		(&maker{recipe: skipping, data: c.Data, epoch: 1}).make(after[:], target, it, 17)
		if (before != after) != want {
			t.Errorf("%v: it is changed: %t", it, !want)
		}
	}
}

// TestPaper: of the drawings the share that the recipe says is heavier and softer, and of
// MNIST's images half are softer; the others stay as they are.
func TestPaper(t *testing.T) {
	c := mixed(t)
	c.Recipe.Plain = 0
	heavy, soft := c.Recipe, c.Recipe
	heavy.AugmentStrokes.Weight, heavy.AugmentStrokes.Paper = 1.5, 0.25
	soft.AugmentStrokes.Blur, soft.AugmentStrokes.Paper = 0.5, 0.25
	soft.Augment.Blur = 0.5
	const places = 400
	for _, it := range []item{{scanned, 3}, {drawing, 5}, {generated, 8}, {other, 0}} {
		heavier, softer := 0, 0
		for place := range places {
			make1 := func(r recipe.Recipe) []float32 {
				image, target := make([]float32, nn.ImageSize), make([]float32, nn.Classes)
				(&maker{recipe: r, data: c.Data, epoch: 1}).make(image, target, it, place)
				return image
			}
			before := make1(c.Recipe)
			if after := make1(heavy); !slices.Equal(before, after) {
				heavier++
				if a, b := inked(before), inked(after); b < a*(1-0.05) { // what is nearly full already shrinks to fit
					t.Errorf("%v at %d: heavier it has %.1f pixels of ink instead of %.1f", it, place, b, a)
				}
			}
			if after := make1(soft); !slices.Equal(before, after) {
				softer++
				if a, b := roughness(before), roughness(after); b > a*(1+1e-6) { // a blur can be too small to see
					t.Errorf("%v at %d: soft neighbours differ by %v instead of %v", it, place, b, a)
				}
				if a, b := inked(before), inked(after); math.Abs(a-b) > 0.03*a { // some goes over the edge
					t.Errorf("%v at %d: soft it has %.1f pixels of ink instead of %.1f", it, place, b, a)
				}
			}
		}
		wantHeavier, wantSofter := 0.25, 0.25
		if it.kind == scanned {
			wantHeavier, wantSofter = 0, 0.5
		}
		for what, n := range map[string][2]float64{"heavier": {float64(heavier), wantHeavier}, "softer": {float64(softer), wantSofter}} {
			if math.Abs(n[0]-n[1]*places) > 4*math.Sqrt(places*n[1]*(1-n[1])) {
				t.Errorf("%v: %v of %d are %s, want about %v", it, n[0], places, what, n[1]*places)
			}
		}
	}
}

// TestGapBeforeWeight: a stroke that is drawn more than once is left out each time.
func TestGapBeforeWeight(t *testing.T) {
	var zigzag ink.Stroke
	for i := range 9 {
		zigzag = append(zigzag, ink.Point{X: float64(i%2) * 90, Y: float64(i) * 20})
	}
	c := mixed(t)
	c.Data.Strokes = []drawn.Drawn{{Label: 1, Strokes: ink.Drawing{zigzag}}}
	c.Recipe.AugmentStrokes = augment.Strength{Weight: 0.3, Paper: 1}
	gap := c.Recipe
	gap.AugmentStrokes.Gap = 1
	missing := 0.0
	const places = 200
	for place := range places {
		var whole, parted [nn.ImageSize]float32
		target := make([]float32, nn.Classes)
		(&maker{recipe: c.Recipe, data: c.Data, epoch: 1}).make(whole[:], target, item{drawing, 0}, place)
		(&maker{recipe: gap, data: c.Data, epoch: 1}).make(parted[:], target, item{drawing, 0}, place)
		missing += (inked(whole[:]) - inked(parted[:])) / inked(whole[:]) / places
	}
	if missing < 0.02 { // of strokes 6.5 in 100 are missing, less the ends of the pen
		t.Errorf("%.4f of the ink is missing", missing)
	}
}

func inked(image []float32) (sum float64) {
	for _, v := range image {
		sum += float64(v)
	}
	return sum
}

// roughness is how much neighbours of an image differ.
func roughness(image []float32) (sum float64) {
	for i := 1; i < len(image); i++ {
		sum += math.Abs(float64(image[i] - image[i-1]))
	}
	return sum
}

// TestMixedResumes: a recipe with everything gives the same bytes, interrupted
// or not.
func TestMixedResumes(t *testing.T) {
	c := mixed(t)
	var m memory
	c.Checkpoint, c.Interval = &m, 1
	want := bytesOf(t, mustRun(t, c).Model)
	for _, i := range []int{2, len(m.all) / 2, len(m.all) - 1} {
		c.Resume, c.Checkpoint = true, &memory{all: m.all[i : i+1]}
		if got := bytesOf(t, mustRun(t, c).Model); !slices.Equal(got, want) {
			t.Errorf("resumed from checkpoint %d of %d: other weights", i, len(m.all))
		}
	}
}

// TestTeacher: a network follows a teacher who is wrong on purpose.
func TestTeacher(t *testing.T) {
	c := mixed(t)
	c.Recipe.Mix, c.Recipe.Epochs = recipe.Mix{}, 12
	teacher, err := nn.New(c.Recipe.Spec)
	if err != nil {
		t.Fatal(err)
	}
	last := teacher.Params[len(teacher.Params)-1].Bias
	for i := range last {
		last[i] = -9
	}
	last[4] = 9 // everything is a four, says the teacher
	c.Recipe.Teacher = "fours"
	if _, err := Run(t.Context(), c); err == nil {
		t.Error("a run without the teacher it wants begins")
	}
	c.Teacher = teacher
	m := mustRun(t, c).Model
	s := m.NewSession()
	image := make([]float32, nn.ImageSize)
	least := float32(1)
	for i := range 50 {
		c.Data.Train.Ink(image, i)
		least = min(least, s.Run(image)[4])
	}
	if least < 0.25 { // half of what the teacher says, less what is not learnt yet
		t.Errorf("the probability of a four is %v somewhere, although the teacher sees only fours", least)
	}
}

// TestFewDrawings: a few drawings do not outweigh all else.
func TestFewDrawings(t *testing.T) {
	c := mixed(t)
	c.Recipe.Mix = recipe.Mix{Drawn: 0.4}
	c.Data.Strokes = c.Data.Strokes[:1]
	count := 0
	for _, it := range order(c.Recipe, c.Data, 1) {
		if it.kind == drawing {
			count++
		}
	}
	if count != mostVariants || EpochSize(c.Recipe, c.Data) != 1000+mostVariants {
		t.Errorf("the only drawing is taken %d times in an epoch of %d", count, EpochSize(c.Recipe, c.Data))
	}
}

// TestStart: a run begins with the weights that its recipe names, and only with
// those of its own spec; interrupted it goes on with what it has learned since.
func TestStart(t *testing.T) {
	c := config(t, small())
	c.Recipe.Epochs = 2
	taught := mustRun(t, c)
	c.Recipe.Start, c.Recipe.Epochs = "taught", 1
	if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), `"taught"`) {
		t.Errorf("a run without the version it begins with: %v", err)
	}
	c.Start = taught.Model
	c.Recipe.Optimizer.LearningRate = 1e-12
	for _, average := range []float64{0, 0.9} {
		c.Recipe.Average = average
		still := mustRun(t, c)
		for i, p := range still.Model.Params {
			if !near(p.Weight, taught.Model.Params[i].Weight) || !near(p.Bias, taught.Model.Params[i].Bias) {
				t.Errorf("layer %d, average %v: the run did not begin with the weights of the version", i, average)
			}
		}
	}
	c.Recipe.Average, c.Recipe.Optimizer.LearningRate = 0, small().Optimizer.LearningRate
	further := mustRun(t, c)
	if before, after := taught.History[1].Loss, further.History[0].Loss; !(after < before) {
		t.Errorf("the loss was %v and is %v after another epoch", before, after)
	}
	other := c
	other.Recipe.Spec = recipe.Seed().Spec
	if _, err := Run(t.Context(), other); err == nil || !strings.Contains(err.Error(), "the recipe wants 784-512-128-10") {
		t.Errorf("a version of another spec: %v", err)
	}
}

// near says whether two lists are equal but for rounding.
func near(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-6 })
}

// TestSchedule: the rate rises, falls to about zero, and a run on it cannot be
// made longer.
func TestSchedule(t *testing.T) {
	c := mixed(t)
	c.Recipe.Epochs = 40
	r := &run{Config: c}
	var rates []float64
	for range 40 {
		for r.at.Step = range r.stepsPerEpoch() {
			rates = append(rates, r.rate())
		}
		r.at.History = append(r.at.History, report.Epoch{})
	}
	top := slices.Max(rates)
	at := slices.Index(rates, top)
	if full := c.Recipe.Optimizer.LearningRate; top > full || top < 0.98*full {
		t.Errorf("the rate's top is %v, want %v", top, full)
	}
	if !slices.IsSorted(rates[:at]) || float64(at) > 0.06*float64(len(rates)) || rates[len(rates)-1] > top/1000 {
		t.Errorf("the rate rises for %d of %d steps and ends at %v", at, len(rates), rates[len(rates)-1])
	}
	cp := &checkpoint{Recipe: c.Recipe, DataHash: c.Data.Hash, Backend: c.Backend.Name()}
	if err := cp.matches(c); err != nil {
		t.Error(err)
	}
	c.Recipe.Epochs++
	if err := cp.matches(c); err == nil {
		t.Error("a run on a cosine can be made longer")
	}
}

// TestOtherTeacher: a run goes on with the teacher and the backend it began with,
// or not at all.
func TestOtherTeacher(t *testing.T) {
	c := mixed(t)
	c.Recipe.Teacher = "some"
	teacher := mustRun(t, config(t, small())).Model
	c.Teacher = teacher
	cp := &checkpoint{Recipe: c.Recipe, DataHash: c.Data.Hash, Backend: c.Backend.Name(), Teacher: fingerprint(teacher)}
	if err := cp.matches(c); err != nil {
		t.Error(err)
	}
	cp.Backend = "other"
	if err := cp.matches(c); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("another backend: %v", err)
	}
	cp.Backend = c.Backend.Name()
	teacher.Params[0].Bias[3] += 1e-6
	if err := cp.matches(c); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("another teacher of that name: %v", err)
	}
}

// TestMixedFocus: of what is mixed in, too, each digit comes as often as it should.
func TestMixedFocus(t *testing.T) {
	c := mixed(t)
	c.Recipe.Mix = recipe.Mix{Drawn: 0.4, Generated: 0.3, Others: 0.1}
	c.Recipe.Focus = recipe.Focus{0, 1, 1, 3, 1, 1, 1, 1, 1, 2}
	items := order(c.Recipe, c.Data, 1)
	if len(items) != EpochSize(c.Recipe, c.Data) {
		t.Errorf("%d items, want %d", len(items), EpochSize(c.Recipe, c.Data))
	}
	var drawings, digits [nn.Classes]int
	for _, it := range items {
		switch it.kind {
		case drawing:
			drawings[c.Data.Strokes[it.index].Label]++
		case generated:
			digits[it.index]++
		}
	}
	for d, w := range c.Recipe.Focus {
		if want := 300 * w / 12; math.Abs(float64(digits[d])-want) > 0.25*want {
			t.Errorf("%d is generated %d times, want %v", d, digits[d], want)
		}
		if want := 400 * w / 8; d < 7 && math.Abs(float64(drawings[d])-want) > 1 { // of the seven that are there
			t.Errorf("%d is drawn %d times, want %v", d, drawings[d], want)
		}
	}
	c.Recipe.Focus = recipe.Focus{8: 1}
	if items := order(c.Recipe, c.Data, 1); len(items) != EpochSize(c.Recipe, c.Data) || len(items) != 1400 {
		t.Errorf("%d items where no drawing is of the only digit, want 1400", len(items))
	}
}

// TestNoDigitsAmongDrawings: what is no digit is taught as none, by recipes that
// vary drawings and by those that take each once, with a focus on digits too.
func TestNoDigitsAmongDrawings(t *testing.T) {
	varied, once := mixed(t), mixed(t)
	for i := range varied.Data.Strokes {
		varied.Data.Strokes[i].Label = drawn.Unlabelled
	}
	varied.Recipe.Mix = recipe.Mix{Drawn: 0.4}
	once.Recipe.Mix = recipe.Mix{}
	for i := range once.Data.Strokes {
		once.Data.Strokes[i].Label = drawn.Unlabelled
	}
	once.Data.Train = withDrawings(once.Data.Train, once.Data.Strokes)
	for name, c := range map[string]Config{"varied": varied, "once": once} {
		for _, focus := range []recipe.Focus{{}, {1, 1, 1, 1, 1, 1, 1, 1, 2, 1}} {
			c.Recipe.Focus = focus
			items := order(c.Recipe, c.Data, 1)
			m := maker{recipe: c.Recipe, data: c.Data, epoch: 1}
			none := 0
			for place, it := range items {
				var image [nn.ImageSize]float32
				var target [nn.Classes]float32
				m.make(image[:], target[:], it, place)
				if slices.Max(target[:]) < 0.5 {
					none++
				}
			}
			if want := len(items) - 1000; focus.Even() && none != want || none < want/2 || want == 0 {
				t.Errorf("%s, focus %v: %d of %d items are taught as no digit, want about %d", name, focus, none, len(items), want)
			}
		}
	}
}

// TestPanicInABatch: what goes wrong beside the training ends the run, not the
// program.
func TestPanicInABatch(t *testing.T) {
	c := mixed(t)
	c.Data.Strokes[2].Label = 99
	if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), "panic: runtime error: index out of range [99]") {
		t.Errorf("a label of 99: %v", err)
	}
}

// TestNobodyIsLeft: a run that is stopped leaves nothing behind that still works.
func TestNobodyIsLeft(t *testing.T) {
	c := mixed(t)
	c.Checkpoint = nil
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	c.Progress = func(Progress) {
		if steps++; steps == 3 {
			cancel()
		}
	}
	before := runtime.NumGoroutine()
	if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	n := runtime.NumGoroutine()
	for wait := time.Millisecond; n > before && wait < time.Second; wait *= 2 { // one that is done may still be counted
		time.Sleep(wait)
		n = runtime.NumGoroutine()
	}
	if n > before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

// TestExtrasResume: what is left out and what is normalised follow from the seed and
// the step, so that an interrupted training gives the same bytes.
func TestExtrasResume(t *testing.T) {
	for name, extra := range map[string]func(*recipe.Recipe){
		"dropout":    func(r *recipe.Recipe) { r.Dropout = 0.3 },
		"batch norm": func(r *recipe.Recipe) { r.BatchNorm = true },
	} {
		t.Run(name, func(t *testing.T) {
			c := mixed(t)
			c.Recipe.Spec.Layers[0].Activation = nn.ReLU
			without := bytesOf(t, mustRun(t, c).Model)
			extra(&c.Recipe)
			whole := bytesOf(t, mustRun(t, c).Model)
			if bytes.Equal(without, whole) {
				t.Error("it changes nothing")
			}
			ctx, cancel := context.WithCancel(t.Context())
			steps := 0
			c.Progress = func(Progress) {
				if steps++; steps == 13 {
					cancel()
				}
			}
			if _, err := Run(ctx, c); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			c.Progress, c.Resume = nil, true
			if !bytes.Equal(bytesOf(t, mustRun(t, c).Model), whole) {
				t.Error("other weights after an interruption")
			}
			if !bytes.Equal(bytesOf(t, mustRun(t, c).Model), whole) { // resumed when it was done already
				t.Error("other weights from the checkpoint of a finished run")
			}
		})
	}
}

// TestNoSmallLastBatch: a few images that are left over are left out where a batch
// norm would have to go by them, and only there.
func TestNoSmallLastBatch(t *testing.T) {
	c := config(t, small()) // 1,000 images
	c.Recipe.BatchSize = 111
	for batchNorm, want := range map[bool][2]int{false: {1000, 10}, true: {999, 9}} {
		c.Recipe.BatchNorm = batchNorm
		if got := [2]int{len(order(c.Recipe, c.Data, 1)), Steps(c.Recipe, c.Data)}; got != want {
			t.Errorf("batch norm %t: images and steps %v, want %v", batchNorm, got, want)
		}
	}
	c.Recipe.BatchSize = 1200 // all of them are less than a batch, but not few
	if n := len(order(c.Recipe, c.Data, 1)); n != 1000 {
		t.Errorf("%d images in one batch", n)
	}
}

// TestBatchNormIsFolded: the model that is left reads the watched images as the
// history says, without knowing of a batch.
func TestBatchNormIsFolded(t *testing.T) {
	c := mixed(t)
	c.Recipe.Spec.Layers[0].Activation = nn.ReLU
	c.Recipe.BatchNorm = true
	res := mustRun(t, c)
	session, right := res.Model.NewSession(), 0
	image := make([]float32, nn.ImageSize)
	for i := range c.Data.Watch.Len() {
		c.Data.Watch.Ink(image, i)
		if nn.Argmax(session.Run(image)) == c.Data.Watch.Label(i) {
			right++
		}
	}
	last := res.History[len(res.History)-1].ValAccuracy
	if got := float64(right) / float64(c.Data.Watch.Len()); math.Abs(got-last) > 1e-6 || got < 0.3 {
		t.Errorf("the model reads %v of the watched images, the history says %v", got, last)
	}
}
