//go:build !linux && !darwin

package jet

// freeDisk is not known here; the server decides by itself how much it takes.
func freeDisk(string) (free int64, known bool) { return 0, false }
