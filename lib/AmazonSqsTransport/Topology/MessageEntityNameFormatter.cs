namespace MassTransit.AmazonSqsTransport;

/// <summary>Names published types with the characters of queue names: <c>My_Space-Outer_Type</c>, generics <c>My_Space-Type--Argument--</c>.</summary>
sealed class MessageEntityNameFormatter : IEntityNameFormatter
{
    public string FormatEntityName<T>() => Format(typeof(T));

    static string Format(Type type)
    {
        var space = type.Namespace is null ? "" : type.Namespace.Replace('.', '_') + "-";
        var outer = type.DeclaringType is { } declaring ? Bare(declaring) + "_" : "";
        var arguments = type.IsGenericType ? $"--{string.Join("__", type.GetGenericArguments().Select(Format))}--" : "";
        return space + outer + Bare(type) + arguments;
    }

    static string Bare(Type type) => type.Name.Split('`')[0];
}
