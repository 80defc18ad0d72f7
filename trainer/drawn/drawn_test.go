package drawn_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"rakam/trainer/drawn"
	"rakam/wasm/ink"
)

func zipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadJSONLines(t *testing.T) {
	const text = "\xef\xbb\xbf\r\n" +
		`{"id":"a","label":2,"writer":"w1","strokes":[[[1,2.5],[-3e2,4]],[],[[0,0]]],"device":"pen"}` + "\r\n\n" +
		`{"label":0,"strokes":[[[7,7]]]}`
	want := []drawn.Drawn{
		{ID: "a", Label: 2, Writer: "w1", Strokes: ink.Drawing{{{X: 1, Y: 2.5}, {X: -300, Y: 4}}, {}, {{X: 0, Y: 0}}}},
		{Label: 0, Strokes: ink.Drawing{{{X: 7, Y: 7}}}},
	}
	for name, data := range map[string][]byte{"plain": []byte(text), "gzip": zipped(t, []byte(text))} {
		got, err := drawn.Read(iotest.OneByteReader(bytes.NewReader(data)), drawn.Digits)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: read %+v, want %+v", name, got, want)
		}
	}
}

func TestReadUCIsOriginal(t *testing.T) {
	want := []drawn.Drawn{
		{ID: "pendigits/tra/0", Label: 4, Writer: "w26", Strokes: ink.Drawing{
			{{X: 120, Y: 100}, {X: 100, Y: 200}, {X: 180, Y: 200}},
			{{X: 160, Y: 150}, {X: 160, Y: 300}},
		}},
		{ID: "pendigits/tra/1", Label: 7, Writer: "w01", Strokes: ink.Drawing{{{X: 80, Y: 90}, {X: 150, Y: 90}, {X: 100, Y: 250}}}},
		{ID: "pendigits/tra/2", Label: 1, Strokes: ink.Drawing{{{X: 100, Y: 0}, {X: 100, Y: 500}}}},
	}
	got, err := drawn.Load("testdata/pendigits-orig.tra", drawn.Digits)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v,\nwant %+v", got, want)
	}
	// The test file numbers its writers from 1 again.
	data, err := os.ReadFile("testdata/pendigits-orig.tra")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pendigits-orig.tes.gz")
	if err := os.WriteFile(path, zipped(t, data), 0o644); err != nil {
		t.Fatal(err)
	}
	if got, err = drawn.Load(path, drawn.Digits); err != nil {
		t.Fatal(err)
	}
	if got[0].Writer != "tes-w26" || got[0].ID != "pendigits/tes/0" || got[2].Writer != "" {
		t.Errorf("a .tes.gz gives %q by %q and a writer %q where none is named", got[0].ID, got[0].Writer, got[2].Writer)
	}
}

func TestErrorsSayWhereAndWhat(t *testing.T) {
	const good = `{"label":1,"strokes":[[[0,0]]]}` + "\n"
	const segment = ".SEGMENT DIGIT 0 ? \"4\"\n"
	for _, c := range []struct{ name, data, want string }{
		{"label out of range", strings.Repeat(good, 16) + `{"label":12,"strokes":[[[0,0]]]}`, "line 17: label is 12, want 0 to 9"},
		{"negative label", `{"label":-1,"strokes":[[[0,0]]]}`, "line 1: label is -1, want 0 to 9"},
		{"no label", good + `{"strokes":[[[0,0]]]}`, "line 2: label is missing, want 0 to 9"},
		{"label in words", `{"label":"two","strokes":[[[0,0]]]}`, "line 1: label is a string, want a number from 0 to 9"},
		{"half a label", `{"label":2.5,"strokes":[[[0,0]]]}`, "label is a number 2.5, want a number from 0 to 9"},
		{"id a number", `{"id":5,"label":2,"strokes":[[[0,0]]]}`, "id is a number, want a string"},
		{"no strokes", `{"label":2}`, "line 1: strokes hold no point"},
		{"only empty strokes", `{"label":2,"strokes":[[],[]]}`, "strokes hold no point"},
		{"three numbers", `{"label":2,"strokes":[[[0,0]],[[1,1],[1,2,3]]]}`, "line 1: stroke 2, point 2 has 3 numbers, want 2: [x, y]"},
		{"one number", `{"label":2,"strokes":[[[0]]]}`, "stroke 1, point 1 has 1 numbers"},
		{"null for a point", `{"label":2,"strokes":[[null]]}`, "stroke 1, point 1 has 0 numbers"},
		{"points as objects", `{"label":2,"strokes":[[{"x":1,"y":2}]]}`, "want lists of [x, y]"},
		{"too large for a float", `{"label":2,"strokes":[[[1e999,0]]]}`, "line 1: strokes hold a number 1e999"},
		{"not JSON", good + "4,5,6\n", "line 2: is not a JSON object"},
		{"a list among objects", good + "[1]\n", "line 2: is a array, want an object"},
		{"two on a line", `{"label":1,"strokes":[[[0,0]]]} {}`, "line 1: is not a JSON object"},
		{"cut off", good + `{"label":1,"str`, "line 2: is not a JSON object (unexpected end"},
		{"a JSON array", ` [{"label":1}]`, "is a JSON array: want one object a line"},
		{"something else", "hello", `is no stroke file, it begins with "hello"`},
		{"empty", "", "holds no drawing"},
		{"blank", "\n \r\n", "holds no drawing"},
		{"compress", "\x1f\x9d\x90....", "run gzip -d"},
		{"zip", "PK\x03\x04....", "unzip it first"},
		{"broken gzip", "\x1f\x8b\x08", "begins like gzip, but can't be read: unexpected EOF"},
		{"UNIPEN without digits", ".VERSION 1.0\n", "holds no drawing"},
		{"UNIPEN label", "\n.SEGMENT DIGIT 0 ? \"x\"\n", `line 2: label is "x", want "0" to "9"`},
		{"UNIPEN without label", ".SEGMENT DIGIT\n", `line 1: label is DIGIT, want "0" to "9"`},
		{"UNIPEN without ink", ".VERSION 1\n" + segment + segment, "line 2: the segment's strokes hold no point"},
		{"UNIPEN pen down twice", segment + ".PEN_DOWN\n1 1\n.PEN_DOWN\n", "line 4: .PEN_DOWN within a stroke"},
		{"UNIPEN pen up twice", segment + ".PEN_DOWN\n1 1\n.PEN_UP\n.PEN_UP", "line 5: .PEN_UP without a .PEN_DOWN"},
		{"UNIPEN segment in a stroke", segment + ".PEN_DOWN\n1 1\n" + segment, "line 4: .SEGMENT within a stroke"},
		{"UNIPEN half a point", segment + ".PEN_DOWN\n7\n", `line 3: want a point of the pen as two numbers, x and y, got "7"`},
		{"UNIPEN word", segment + ".PEN_DOWN\n7 up\n", `line 3: want a point`},
		{"UNIPEN infinite", segment + ".PEN_DOWN\n7 Inf\n", `line 3: want a point`},
		{"UNIPEN cut off", segment + ".PEN_DOWN\n7 7\n", "the file ends within a stroke"},
	} {
		list, err := drawn.Read(strings.NewReader(c.data), drawn.Digits)
		if err == nil {
			t.Errorf("%s: read %d drawings, want the error %q", c.name, len(list), c.want)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %q, want %q in it", c.name, err, c.want)
		}
	}
}

func TestLinesAreBounded(t *testing.T) {
	endless := strings.NewReader(`{"label":1,"strokes":[[` + strings.Repeat("[0,0],", 1<<20))
	if _, err := drawn.Read(endless, drawn.Digits); err == nil || !strings.Contains(err.Error(), "line 1: is longer than 4 MB") {
		t.Errorf("a line of 6 MB gives %v", err)
	}
	cut := zipped(t, []byte(strings.Repeat(`{"label":1,"strokes":[[[0,0]]]}`+"\n", 5000)))
	if _, err := drawn.Read(bytes.NewReader(cut[:len(cut)-30]), drawn.Digits); err == nil || !strings.Contains(err.Error(), "may be cut off or damaged") {
		t.Errorf("half a gzip file gives %v", err)
	}
}

func TestAllStreams(t *testing.T) {
	broken := errors.New("beyond the first drawing")
	r := &onceThen{`{"label":3,"strokes":[[[0,0],[1,1]]]}` + "\n", broken}
	for d, err := range drawn.All(r, drawn.Digits) {
		if err != nil || d.Label != 3 {
			t.Fatalf("the first drawing is %+v, %v", d, err)
		}
		return
	}
	t.Fatal("no drawing")
}

// onceThen reads a text and fails when asked for more.
type onceThen struct {
	text string
	err  error
}

func (r *onceThen) Read(p []byte) (int, error) {
	if r.text == "" {
		return 0, r.err
	}
	n := copy(p, r.text)
	r.text = r.text[n:]
	return n, nil
}

func TestLoadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.jsonl")
	if err := os.WriteFile(path, []byte(`{"label":10,"strokes":[[[0,0]]]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := drawn.Load(path, drawn.Digits); err == nil || err.Error() != path+": line 1: label is 10, want 0 to 9" {
		t.Errorf("the error is %v", err)
	}
	if _, err := drawn.Load(filepath.Join(t.TempDir(), "none"), drawn.Digits); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that does not exist gives %v", err)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	want, err := drawn.Load("testdata/own.jsonl", drawn.Digits)
	if err != nil {
		t.Fatal(err)
	}
	want = append(want, drawn.Drawn{
		ID: `quotes " and <tags>`, Writer: "Gülşah", Label: 9,
		Strokes: ink.Drawing{{{X: 0.1 + 0.2, Y: -1e300}, {X: 5e-324, Y: 1.0 / 3}}},
	})
	var b bytes.Buffer
	if err := drawn.Write(&b, want, drawn.Digits); err != nil {
		t.Fatal(err)
	}
	got, err := drawn.Read(&b, drawn.Digits)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("drawings differ after being written and read")
	}
}

func TestWriteRefusesWhatReadWould(t *testing.T) {
	zero := 0.0
	for want, d := range map[string]drawn.Drawn{
		`drawing 2 ("a"): label is 11, want 0 to 9`:              {ID: "a", Label: 11, Strokes: ink.Drawing{{{X: 1, Y: 1}}}},
		`drawing 2 (""): strokes hold no point`:                  {Strokes: ink.Drawing{{}}},
		`drawing 2 (""): stroke 1, point 2 is not finite: [+Inf`: {Strokes: ink.Drawing{{{}, {X: 1 / zero}}}},
	} {
		ok := drawn.Drawn{Strokes: ink.Drawing{{{}}}}
		err := drawn.Write(&bytes.Buffer{}, []drawn.Drawn{ok, d}, drawn.Digits)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

// FuzzRead: whatever is accepted can be written, and then reads the same.
func FuzzRead(f *testing.F) {
	for _, path := range []string{"testdata/own.jsonl", "testdata/pendigits-orig.tra"} {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 1500)])
		f.Add(data[:min(len(data), 400)])
	}
	f.Add([]byte(`{"id":"\ud800","label":1e0,"strokes":[[[0,-0]],[]]}`))
	f.Add([]byte(`{"label":null,"strokes":[[[1,2]]]}`))
	f.Add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xab\xe6\x02\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := drawn.Read(bytes.NewReader(data), drawn.Both)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := drawn.Write(&b, first, drawn.Both); err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		second, err := drawn.Read(&b, drawn.Both)
		if err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		if !reflect.DeepEqual(normal(second), normal(first)) {
			t.Fatalf("%+v became %+v", first, second)
		}
	})
}

// normal makes absent and empty strokes the same.
func normal(list []drawn.Drawn) []drawn.Drawn {
	for i := range list {
		for j, s := range list[i].Strokes {
			if len(s) == 0 {
				list[i].Strokes[j] = nil
			}
		}
	}
	return list
}
