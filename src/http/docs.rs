//! Swagger UI at `/docs/`: part of builds with the feature `demo`. Other builds offer the OpenAPI document alone.

#[cfg(feature = "demo")]
pub use with_swagger_ui::{HOME, is_below, routes};
#[cfg(not(feature = "demo"))]
pub use without_swagger_ui::{HOME, is_below, routes};

#[cfg(feature = "demo")]
mod with_swagger_ui {
    use actix_web::web;
    use utoipa_swagger_ui::{Config, SwaggerUi};

    /// The path where a person reads about the API.
    pub const HOME: &str = "/docs/";

    /// Adds Swagger UI and the redirect to it.
    pub fn routes(configuration: &mut web::ServiceConfig) {
        let swagger = Config::new(["/openapi.json"]).try_it_out_enabled(true);
        configuration
            .service(web::redirect("/docs", HOME).see_other())
            .service(SwaggerUi::new("/docs/{_:.*}").config(swagger));
    }

    /// Whether Swagger UI serves a path.
    pub fn is_below(path: &str) -> bool {
        path.starts_with(HOME)
    }
}

#[cfg(not(feature = "demo"))]
mod without_swagger_ui {
    use actix_web::web;

    /// The path where a person reads about the API.
    pub const HOME: &str = "/openapi.json";

    /// Adds nothing: the path `/docs/` is unknown.
    pub fn routes(_: &mut web::ServiceConfig) {}

    /// Whether Swagger UI serves a path: none in this build.
    pub fn is_below(_: &str) -> bool {
        false
    }
}
