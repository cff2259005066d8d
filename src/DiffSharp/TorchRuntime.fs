namespace DiffSharp

/// Placeholder until the loader lands.
module TorchRuntime =
    /// Nothing yet.
    let ensure () = ()
