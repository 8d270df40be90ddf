using System.Net;
using Moq;
using Refit;

namespace Migration.Tests.Visits;

/// <summary>Answers of an upstream as its Refit client gives them.</summary>
static class Responses
{
    public static IApiResponse<T> Ok<T>(T body) => Of(HttpStatusCode.OK, body);

    /// <summary>2xx whose body is not what the contract promises: here, nothing.</summary>
    public static IApiResponse<T> Empty<T>(HttpStatusCode status) => Of<T>(status, default);

    public static async Task<IApiResponse<T>> Error<T>(HttpStatusCode status, string body = "{}") => Of<T>(status, default, await ErrorOf(status, body));

    public static IApiResponse Ok(HttpStatusCode status = HttpStatusCode.Created) => Fill(new Mock<IApiResponse>(), status, error: null).Object;

    public static async Task<IApiResponse> Error(HttpStatusCode status, string body = "{}") => Fill(new Mock<IApiResponse>(), status, await ErrorOf(status, body)).Object;

    static IApiResponse<T> Of<T>(HttpStatusCode status, T? body, ApiException? error = null)
    {
        var mock = new Mock<IApiResponse<T>>();
        mock.SetupGet(x => x.Content).Returns(body);
        // The members that both interfaces name are two to Moq.
        var isSuccess = error is null && (int)status is >= 200 and < 300;
        mock.SetupGet(x => x.IsSuccessful).Returns(isSuccess);
        mock.SetupGet(x => x.IsSuccessStatusCode).Returns(isSuccess);
        mock.SetupGet(x => x.Error).Returns(error);
        Fill(mock.As<IApiResponse>(), status, error);
        return mock.Object;
    }

    static Mock<IApiResponse> Fill(Mock<IApiResponse> mock, HttpStatusCode status, ApiException? error)
    {
        var isSuccess = error is null && (int)status is >= 200 and < 300;
        mock.SetupGet(x => x.StatusCode).Returns(status);
        mock.SetupGet(x => x.IsReceived).Returns(true);
        mock.SetupGet(x => x.IsSuccessful).Returns(isSuccess);
        mock.SetupGet(x => x.IsSuccessStatusCode).Returns(isSuccess);
        mock.SetupGet(x => x.Error).Returns(error);
        return mock;
    }

    static async Task<ApiException> ErrorOf(HttpStatusCode status, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://upstream/");
        using var response = new HttpResponseMessage(status) { Content = new StringContent(body), RequestMessage = request };
        return await ApiException.Create(request, HttpMethod.Post, response, new RefitSettings());
    }
}
