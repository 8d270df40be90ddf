namespace Migration.Sagas.Syncs.Intake;

/// <summary>A body of an events queue as it lies there, whatever it is.</summary>
/// <param name="Body">The text.</param>
public sealed record EventMessage(string Body);
