namespace Migration.Sagas.Domains;

/// <summary>A record that the target cannot take, however often it is tried.</summary>
/// <param name="reason">A few words; may hold codes and numbers, not names.</param>
public class UntranslatableException(string reason) : Exception(reason);
