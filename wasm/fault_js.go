package main

// code says what kind of thing is wrong, for a page that has words of its own for
// each. web/src/bridge.d.ts lists the same.
type code string

const (
	codeArgument code = "argument" // the caller is mistaken
	codeModel    code = "model"    // none is loaded
	codeFile     code = "file"     // it is no usable model file
	codeSize     code = "size"     // of the model file, beyond the limit in bytes
	codePoints   code = "points"   // of the drawing, or its strokes: beyond the limit
	codePanic    code = "panic"    // a mistake in this module
)

// fault is an error with a hint. It is never wrapped: errors.As alone would add
// 9 kB to the module as sent.
type fault struct {
	code  code
	what  string // is wrong
	hint  string // what to do
	limit int    // that was passed, or 0
}

func (f fault) Error() string { return f.what }

// wrong is a fault of the caller.
func wrong(what, hint string) fault { return fault{code: codeArgument, what: what, hint: hint} }

// refusal is what the function name answers instead of a result.
func refusal(name string, err error) map[string]any {
	f, ok := err.(fault)
	if !ok { // an exception that JavaScript threw
		f = wrong(err.Error(), "give plain typed arrays whose memory is attached")
	}
	answer := map[string]any{"code": string(f.code), "error": "rakam." + name + ": " + f.what, "hint": f.hint}
	if f.limit > 0 {
		answer["limit"] = f.limit
	}
	return answer
}
