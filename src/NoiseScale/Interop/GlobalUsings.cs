// The F# rooms that this façade wraps; none of its types stands in a public signature.
global using NoiseScale.Interop;
global using NoiseScale.Sources;
global using Core = NoiseScale.Schedules;
global using Backward = NoiseScale.Theory.BackwardError;
global using Weighing = NoiseScale.Theory.Evidence;
global using Noise = NoiseScale.Theory.GradientNoise;
global using Posterior = NoiseScale.Theory.Sampling;
global using Processes = NoiseScale.Theory.GaussianProcess;
global using Widening = NoiseScale.Theory.Width;
