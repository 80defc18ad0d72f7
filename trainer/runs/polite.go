package runs

import "time"

// Polite returns a Yield for a worker in a process that answers requests too:
// while busy says that some are being answered, the next step of the training
// waits, but for most at the longest, so that requests without end don't stop it.
func Polite(busy func() bool, most time.Duration) func() {
	const look = 500 * time.Microsecond
	return func() {
		for end := time.Now().Add(most); busy() && time.Now().Before(end); {
			time.Sleep(look)
		}
	}
}
